//! Hosts started services: their routers on three ports, and an orderly end.

use anyhow::Context;
use axum::Router;
use runtime::admin::{self, Admin};
use runtime::auth::Auth;
use runtime::doors::Doors;
use runtime::http::{fallbacks, serve};
use runtime::shutdown::Tasks;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// The three doors of a process.
pub struct Ports {
    pub public: TcpListener,
    pub admin: TcpListener,
    pub internal: TcpListener,
}

impl Ports {
    /// Binds all three, so that each service can be told the others' addresses before any starts.
    pub async fn bind(public: SocketAddr, admin: SocketAddr, internal: SocketAddr) -> anyhow::Result<Self> {
        async fn bind(address: SocketAddr, what: &str) -> anyhow::Result<TcpListener> {
            TcpListener::bind(address).await.with_context(|| format!("the {what} port {address} cannot be opened"))
        }
        Ok(Self {
            public: bind(public, "public").await?,
            admin: bind(admin, "admin").await?,
            internal: bind(internal, "internal").await?,
        })
    }
}

/// Serves what the services offer to whom `auth` lets in, until `stop`; then, when the last request is answered, cancels `served`.
pub fn open(
    ports: Ports,
    services: Vec<(&'static str, Doors)>,
    auth: &Auth,
    tasks: &mut Tasks,
    (stop, served): (&CancellationToken, &CancellationToken),
) {
    let alone = services.len() == 1;
    let (mut public, mut internal, mut operators) = (Router::new(), Router::new(), Router::new());
    let mut checks = Vec::new();
    for (name, doors) in services {
        public = public.merge(doors.public);
        internal = internal.merge(doors.internal);
        operators = if alone { operators.merge(doors.admin) } else { operators.nest(&format!("/{name}"), doors.admin) };
        checks.extend(doors.checks);
    }
    // The kubelet and Prometheus, who ask for the rest, have no token.
    let admin = admin::router(Admin { checks, draining: stop.clone() }).merge(auth.around_operators(operators));
    auth.start(tasks, stop);
    let (public, internal) = (auth.around(fallbacks(public)), auth.around(fallbacks(internal)));
    let (stop, served) = (stop.clone(), served.clone());
    tasks.spawn("doors", async move {
        let doors = async {
            let outcome = tokio::try_join!(
                serve(ports.public, public, stop.clone()),
                serve(ports.internal, internal, stop.clone())
            );
            served.cancel();
            outcome
        };
        // The operators' door is the last to close: it says "not ready" for as long as a guest may still be answered.
        tokio::try_join!(doors, serve(ports.admin, fallbacks(admin), served.clone())).map(|_| ())
    });
}
