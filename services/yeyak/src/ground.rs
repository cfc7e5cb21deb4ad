//! Databases and the broker, opened for a service.

use crate::roles::Service;
use anyhow::{Context, bail};
use choreography::{Backend, Broker, Ground, Settings, Store};
use kernel::Clock;
use runtime::config::Env;
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// How long a database server may take to let us in.
const CONNECT_SECONDS_MAX: u64 = 5;
/// Pause before a server that did not let us in is asked again.
const AGAIN_MS: u64 = 500;

/// Bounds that every service's engine shares: `BATCH_MAX` and `QUEUE_MAX`.
pub fn settings(env: &Env) -> Settings {
    let usual = Settings::default();
    Settings {
        batch_max: env.within("BATCH_MAX", usual.batch_max, 1..=1_024),
        queue_max: env.within("QUEUE_MAX", usual.queue_max, 1..=100_000),
    }
}

/// The shape of a stream that does not exist yet, `NATS_REPLICAS` and `EVENTS_BYTES_MAX`: copies, and bytes if told.
pub fn stream(env: &Env) -> (usize, Option<i64>) {
    let bytes_max = || env.within("EVENTS_BYTES_MAX", 16 << 30, 1 << 20..=i64::MAX);
    (env.within("NATS_REPLICAS", 1, 1..=5), env.text("EVENTS_BYTES_MAX").map(|_| bytes_max()))
}

/// Connects to the broker, or goes on trying in the background.
pub async fn broker(env: &Env, url: &str, name: &str) -> anyhow::Result<Broker> {
    let (replicas, bytes_max) = stream(env);
    let broker = Broker::connect(url, name, replicas).await.context("the broker")?;
    Ok(match bytes_max {
        Some(bytes_max) => broker.keeping(bytes_max),
        None => broker,
    })
}

/// How long a start waits for a server that may be starting as well: `START_SECONDS_MAX`.
pub fn patience(env: &Env) -> Duration {
    Duration::from_secs(env.within("START_SECONDS_MAX", 60, 0..=600))
}

/// Tries `step` until it succeeds, or `patience` is over and its last fault stands.
pub async fn patiently<T>(patience: Duration, step: impl AsyncFn() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let begin = Instant::now();
    loop {
        match step().await {
            Err(fault) if begin.elapsed() < patience => {
                tracing::warn!(fault = format!("{fault:#}"), "not yet");
                tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
            }
            last => return last,
        }
    }
}

/// Opens the database of `service`; a database of a server that does not exist yet is created.
pub async fn store(url: &str, service: &str) -> anyhow::Result<Store> {
    let named = || format!("the database of {service}, {}", place_of(url));
    let backend = Backend::of(url).filter(|backend| *backend != Backend::Sqlite);
    match (Store::open(url, Clock::system()).await, backend) {
        (Err(fault), Some(backend)) if fault.is_no_such_database() => {
            create_database(url, backend).await.with_context(named)?;
            Store::open(url, Clock::system()).await.with_context(named)
        }
        (opened, _) => opened.with_context(named),
    }
}

/// As [`store`], and waits for a server that is starting. What is wrong with the URL itself is told at once.
pub async fn reached(url: &str, service: &str, patience: Duration) -> anyhow::Result<Store> {
    let patience =
        if Backend::of(url).is_some_and(|backend| backend != Backend::Sqlite) { patience } else { Duration::ZERO };
    patiently(patience, async || store(url, service).await).await
}

/// Brings the database of `service` to this program's schema.
pub async fn migrate(store: &Store, service: &Service) -> anyhow::Result<()> {
    store.migrate(service.migrations).await.with_context(|| format!("the schema of {}", service.name))
}

/// What a start-up step gives, unless a signal comes first: it may be waiting for a server that never answers.
pub async fn unless_stopped<T>(
    stop: &CancellationToken,
    step: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::select! {
        biased;
        () = stop.cancelled() => bail!("ended before everything had started"),
        outcome = step => outcome,
    }
}

/// A database URL without the credentials.
fn place_of(url: &str) -> &str {
    url.rsplit_once('@').map_or(url, |(_, place)| place)
}

/// Everything a service stands on.
pub fn ground(store: Store, broker: &Broker, env: &Env, served: &CancellationToken) -> Ground {
    Ground { store, broker: broker.clone(), settings: settings(env), served: served.clone() }
}

/// The URL of a service's own database on the server of `base`, named `yeyak_<service>`.
pub fn database_of(base: &str, service: &str) -> String {
    let (server, query) = base.split_once('?').map_or((base, ""), |(server, query)| (server, query));
    let (scheme, rest) = server.split_once("://").unwrap_or(("postgres", server));
    let authority = rest.split('/').next().unwrap_or(rest);
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    format!("{scheme}://{authority}/yeyak_{service}{query}")
}

/// Creates the database that `url` names, by way of one that every server has.
async fn create_database(url: &str, backend: Backend) -> anyhow::Result<()> {
    let (server, query) = url.split_once('?').map_or((url, ""), |(server, query)| (server, query));
    let (host, name) = server.rsplit_once('/').context("the database URL names no database")?;
    let known = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_') && !name.is_empty();
    anyhow::ensure!(known, "there is no database `{name}`; one of letters, digits and `_` would have been created");
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    let (place, create) = match backend {
        Backend::Sqlite => return Ok(()),
        Backend::Postgres => (format!("{host}/postgres"), format!("CREATE DATABASE \"{name}\"")),
        // The driver knows MariaDB by the older name only.
        Backend::MariaDb => (host.replacen("mariadb:", "mysql:", 1), format!("CREATE DATABASE `{name}`")),
    };
    let mut options = ConnectOptions::new(format!("{place}{query}"));
    options.acquire_timeout(Duration::from_secs(CONNECT_SECONDS_MAX)).sqlx_logging(false);
    let server = Database::connect(options).await?;
    let created = server.execute_unprepared(&create).await;
    server.close().await?;
    match created {
        // Another replica may have created it in the meantime.
        Err(fault)
            if !fault.to_string().contains("exists") && !fault.to_string().contains("pg_database_datname_index") =>
        {
            Err(fault.into())
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_a_database_of_its_own() {
        assert_eq!(
            database_of("postgres://u:p@h:5432/any?sslmode=disable", "catalog"),
            "postgres://u:p@h:5432/yeyak_catalog?sslmode=disable"
        );
        assert_eq!(database_of("mariadb://h:3306", "review"), "mariadb://h:3306/yeyak_review");
        assert_eq!(database_of("postgres://h", "payment"), "postgres://h/yeyak_payment");
    }
}
