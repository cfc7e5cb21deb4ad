//! `yeyak serve` and `yeyak migrate`: some services, configured by the environment.

use crate::ground;
use crate::host::{Addresses, Host};
use crate::roles;
use anyhow::Context;
use runtime::auth::Auth;
use runtime::config::Env;
use runtime::shutdown::{Tasks, signal};
use runtime::telemetry::{self, Telemetry};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// How long a shutdown may take, unless `SHUTDOWN_SECONDS_MAX` says otherwise.
const SHUTDOWN_SECONDS_MAX: u64 = 25;

/// Where a process listens and what it stands on.
struct Config {
    nats_url: String,
    bind: IpAddr,
    port: u16,
    admin_port: u16,
    internal_port: u16,
    patience: Duration,
    shutdown_max: Duration,
}

impl Config {
    fn read(env: &Env) -> Self {
        Self {
            nats_url: env.required("NATS_URL"),
            bind: env.parse("BIND", IpAddr::from([127, 0, 0, 1])),
            port: env.parse("PORT", 8080),
            admin_port: admin_port(env),
            internal_port: env.parse("INTERNAL_PORT", 8082),
            patience: ground::patience(env),
            shutdown_max: Duration::from_secs(env.within("SHUTDOWN_SECONDS_MAX", SHUTDOWN_SECONDS_MAX, 1..=600)),
        }
    }

    fn addresses(&self) -> Addresses {
        let address = |port| SocketAddr::new(self.bind, port);
        Addresses { public: address(self.port), admin: address(self.admin_port), internal: address(self.internal_port) }
    }
}

/// The operators' port.
pub fn admin_port(env: &Env) -> u16 {
    env.parse("ADMIN_PORT", 8081)
}

/// The database of a service: `<SERVICE>_DATABASE_URL`, or `DATABASE_URL` for a process of one service.
pub fn database_url(env: &Env, service: &str, alone: bool) -> String {
    let own = format!("{}_DATABASE_URL", service.to_uppercase());
    match (env.text(&own), alone) {
        (Some(url), _) => url,
        (None, true) => env.required("DATABASE_URL"),
        (None, false) => env.required(&own),
    }
}

/// Runs the named services until a signal.
pub async fn run(names: &[String]) -> anyhow::Result<()> {
    let services = roles::named(names)?;
    let env = Env::system();
    let config = Config::read(&env);
    let urls: Vec<String> = services.iter().map(|one| database_url(&env, one.name, services.len() == 1)).collect();
    let telemetry = Telemetry::read(&env, names.join("+"));
    let migrates = env.parse("MIGRATE", true);
    services.iter().for_each(|service| (service.check)(&env));
    ground::settings(&env);
    let auth = Auth::read(&env);
    ground::stream(&env);
    env.finish()?;
    let guard = telemetry::init(&telemetry)?;
    let stop = signal();
    let mut tasks = Tasks::new();
    let host = Host::bind(config.addresses(), &mut tasks, &stop).await?;
    let Addresses { public, admin, internal } = host.addresses();
    tracing::info!(%public, %admin, %internal, services = names.join(","), "listening");
    let broker = ground::broker(&env, &config.nats_url, &names.join("+")).await?;
    if auth.is_open() {
        tracing::warn!("no AUTH_ISSUER is set: anyone may call everything");
    }
    let mut opened = Vec::new();
    for (service, url) in services.iter().zip(&urls) {
        let step = async {
            let store = ground::reached(url, service.name, config.patience).await?;
            if migrates {
                ground::migrate(&store, service).await?;
            }
            Ok(store)
        };
        let store = ground::unless_stopped(&stop, step).await?;
        let ground = ground::ground(store, &broker, &env, host.served());
        opened.push((service.name, (service.start)(ground, &env, &mut tasks, &stop)));
    }
    env.finish()?;
    host.open(opened, &auth, &mut tasks);
    let ended = tasks.run(stop, config.shutdown_max).await;
    broker.close().await;
    guard.shutdown();
    ended.context("a part died")
}

/// Brings the named services' databases to this program's schema.
pub async fn migrate(names: &[String]) -> anyhow::Result<()> {
    let services = roles::named(names)?;
    let env = Env::system();
    let urls: Vec<String> = services.iter().map(|one| database_url(&env, one.name, services.len() == 1)).collect();
    let telemetry = Telemetry::read(&env, "migrate");
    let patience = ground::patience(&env);
    env.finish()?;
    let guard = telemetry::init(&telemetry)?;
    let stop = signal();
    let step = async {
        for (service, url) in services.iter().zip(&urls) {
            let store = ground::reached(url, service.name, patience).await?;
            ground::migrate(&store, service).await?;
            tracing::info!(service = service.name, "the schema is this program's");
        }
        Ok(())
    };
    let outcome = ground::unless_stopped(&stop, step).await;
    guard.shutdown();
    outcome
}
