//! Hosts services: their routers on three ports, and an orderly end.

use anyhow::Context;
use axum::Router;
use runtime::admin::{self, Admin};
use runtime::auth::Auth;
use runtime::doors::Doors;
use runtime::http::{fallbacks, serve};
use runtime::shutdown::Tasks;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Where guests, operators and other services knock.
#[derive(Clone, Copy)]
pub struct Addresses {
    pub public: SocketAddr,
    pub admin: SocketAddr,
    pub internal: SocketAddr,
}

/// The three doors of a process. The operators' is open from the first moment, so that a process that still waits for
/// its database is seen to be alive and not ready; the others wait for [`Host::open`].
pub struct Host {
    public: TcpListener,
    internal: TcpListener,
    addresses: Addresses,
    operators: watch::Sender<Router>,
    stop: CancellationToken,
    served: CancellationToken,
}

impl Host {
    /// Binds all three, so that each service can be told the others' addresses before any starts.
    ///
    /// # Errors
    /// A port that cannot be had.
    pub async fn bind(wanted: Addresses, tasks: &mut Tasks, stop: &CancellationToken) -> anyhow::Result<Self> {
        async fn bind(address: SocketAddr, what: &str) -> anyhow::Result<TcpListener> {
            TcpListener::bind(address).await.with_context(|| format!("the {what} port {address} cannot be opened"))
        }
        let public = bind(wanted.public, "public").await?;
        let admin = bind(wanted.admin, "admin").await?;
        let internal = bind(wanted.internal, "internal").await?;
        let addresses =
            Addresses { public: public.local_addr()?, admin: admin.local_addr()?, internal: internal.local_addr()? };
        let (operators, routes) = watch::channel(fallbacks(admin::router(Admin::starting(stop.clone()))));
        let served = CancellationToken::new();
        tasks.spawn("operators' door", serve(admin, admin::switched(routes), served.clone()));
        Ok(Self { public, internal, addresses, operators, stop: stop.clone(), served })
    }

    pub const fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Cancelled when the last request of a guest or a service is answered.
    pub const fn served(&self) -> &CancellationToken {
        &self.served
    }

    /// Serves what the services offer to whom `auth` lets in, until the stop.
    pub fn open(self, services: Vec<(&'static str, Doors)>, auth: &Auth, tasks: &mut Tasks) {
        let alone = services.len() == 1;
        let (mut public, mut internal, mut operators) = (Router::new(), Router::new(), Router::new());
        let mut checks: Vec<_> = auth.readiness().into_iter().collect();
        for (name, doors) in services {
            public = public.merge(doors.public);
            internal = internal.merge(doors.internal);
            operators =
                if alone { operators.merge(doors.admin) } else { operators.nest(&format!("/{name}"), doors.admin) };
            checks.extend(doors.checks);
        }
        auth.start(tasks, &self.stop);
        let (public, internal) = (auth.around(fallbacks(public)), auth.around(fallbacks(internal)));
        // The kubelet and Prometheus, who ask for the rest, have no token.
        let admin =
            admin::router(Admin { checks, draining: self.stop.clone() }).merge(auth.around_operators(operators));
        drop(self.operators.send_replace(fallbacks(admin)));
        tasks.spawn("doors", async move {
            let outcome = tokio::try_join!(
                serve(self.public, public, self.stop.clone()),
                serve(self.internal, internal, self.stop.clone())
            );
            // The operators' door is the last to close: it says "not ready" for as long as a guest may still be answered.
            self.served.cancel();
            outcome.map(|_| ())
        });
    }
}
