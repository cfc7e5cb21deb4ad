//! The embedded platform: every service in this process, its data in one directory, a nats-server beside it.

mod banner;
mod directory;
mod nats;

use crate::cli::Embedded;
use crate::demo;
use crate::ground;
use crate::host::{Addresses, Host};
use crate::roles::SERVICES;
use anyhow::Context;
use directory::Directory;
use nats::Nats;
use runtime::auth::Auth;
use runtime::config::Env;
use runtime::shutdown::{Tasks, signal};
use runtime::telemetry::{self, Telemetry};
use std::net::SocketAddr;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a shutdown may take.
const GRACE_SECONDS: u64 = 20;

/// Runs the platform until a signal.
pub async fn run(options: Embedded) -> anyhow::Result<()> {
    let directory = Directory::take(&options.data)?;
    let quiet = Env::system().text("RUST_LOG").is_none();
    let mut telemetry = Telemetry::read(&Env::system(), "yeyak");
    if quiet {
        // A person reads this terminal; the log goes to whoever asks for it.
        telemetry.filter = "warn".into();
    }
    let guard = telemetry::init(&telemetry)?;
    let stop = signal();
    let nats = Nats::find_or_start(&Env::system(), &directory).await.context("the broker")?;
    let outcome = serve(&options, &directory, &nats, &stop).await;
    nats.end().await;
    guard.shutdown();
    outcome
}

async fn serve(options: &Embedded, directory: &Directory, nats: &Nats, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut tasks = Tasks::new();
    let host = Host::bind(local(options.port), &mut tasks, stop).await?;
    let addresses = host.addresses();
    let env = environment(&format!("http://{}", addresses.internal), directory);
    let broker = ground::broker(&env, nats.url(), "yeyak").await?;
    let mut opened = Vec::new();
    for service in SERVICES {
        let url = match &options.database_url {
            Some(base) => ground::database_of(base, service.name),
            None => directory.sqlite(service.name),
        };
        let step = async {
            let store = ground::store(&url, service.name).await?;
            ground::migrate(&store, service).await.map(|()| store)
        };
        let store = ground::unless_stopped(stop, step).await?;
        let ground = ground::ground(store, &broker, &env, host.served());
        opened.push((service.name, (service.start)(ground, &env, &mut tasks, stop)));
    }
    let auth = Auth::read(&env);
    env.finish()?;
    host.open(opened, &auth, &mut tasks);
    directory.announce(addresses, nats.url())?;
    banner::show(addresses, directory, nats.url(), env.text("AUTH_ISSUER").as_deref())?;
    let demo = async {
        if !options.demo {
            return;
        }
        // What was played stays to be looked at, also where the day did not come to its end.
        if let Err(fault) = ground::unless_stopped(stop, demo::play(addresses.public)).await {
            tracing::error!(fault = format!("{fault:#}"), "the demo");
        }
    };
    let (ended, ()) = tokio::join!(tasks.run(stop.clone(), Duration::from_secs(GRACE_SECONDS)), demo);
    broker.close().await;
    ended.context("a part of the platform died")
}

/// Three ports in a row on this machine alone, or any three.
fn local(port: u16) -> Addresses {
    let address = |distance: u16| {
        let port = if port == 0 { 0 } else { port.saturating_add(distance) };
        SocketAddr::from(([127, 0, 0, 1], port))
    };
    Addresses { public: address(0), admin: address(1), internal: address(2) }
}

/// The process's environment, with what the platform itself decides.
fn environment(internal: &str, directory: &Directory) -> Env {
    let mut vars: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    vars.push(("PAYMENT_URL".into(), internal.to_owned()));
    vars.push(("SEATING_URL".into(), internal.to_owned()));
    if !vars.iter().any(|(name, _)| name == "WEBHOOK_PRIVATE") {
        // This is a person's own machine, and so are the receivers that are tried out.
        vars.push(("WEBHOOK_PRIVATE".into(), "true".into()));
    }
    if !vars.iter().any(|(name, _)| name == "PROVIDER_LEDGER") {
        vars.push(("PROVIDER_LEDGER".into(), directory.path("provider-ledger.jsonl").display().to_string()));
    }
    Env::of(vars)
}
