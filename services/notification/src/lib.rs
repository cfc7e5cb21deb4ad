//! Messages to guests and hosts, one for each transition, and their delivery.
#![doc = include_str!("../README.md")]

mod command;
mod deliver;
mod delivery;
mod events;
mod http;
#[cfg(test)]
mod permutations;
#[cfg(test)]
mod races;
mod recipient;
#[cfg(test)]
mod samples;
mod service;
mod store;
mod text;
mod working;

pub use events::TOPICS;
pub use store::MIGRATIONS;

use choreography::{Engine, Ground};
use deliver::{Bounds, Courier, Mailer, Poster, Server, Worker};
use http::Desk;
use runtime::config::Env;
use runtime::doors::Doors;
use runtime::http::{Limits, layers};
use runtime::shutdown::Tasks;
use service::Notification;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use working::Policy;

/// This service's name.
pub const NAME: &str = "notification";

/// What this service alone is told.
#[derive(Clone, Debug)]
pub struct Config {
    pub limits: Limits,
    server: Option<Server>,
    bounds: Bounds,
}

impl Config {
    /// Reads the bounds of HTTP, the mail server (`SMTP_…`) and the bounds of deliveries (`DELIVERY_…`).
    #[must_use]
    pub fn read(env: &Env) -> Self {
        Self { limits: Limits::read(env, NAME), server: Server::read(env), bounds: Bounds::read(env) }
    }
}

/// Starts the service on its ground.
pub fn start(ground: Ground, config: Config, tasks: &mut Tasks, stop: &CancellationToken) -> Doors {
    let Config { limits, server, bounds } = config;
    let policy = Policy { mail: server.is_some(), attempts_max: bounds.attempts_max };
    let mailer = server.map(|server| Courier::Email(Arc::new(Mailer::new(server, bounds))));
    let couriers: Vec<Courier> = mailer.into_iter().chain(poster(bounds)).collect();
    let bells: Vec<Arc<Notify>> = couriers.iter().map(|_| Arc::default()).collect();
    // The writer goes on until the last attempt is recorded.
    let (served, recorded) = (ground.served.clone(), CancellationToken::new());
    let ground = Ground { served: recorded.clone(), ..ground };
    let engine = Engine::start(Arc::new(Notification { policy, bells: bells.clone() }), ground, tasks, stop);
    let workers = couriers.into_iter().zip(bells).map(|(courier, bell)| {
        let engine = engine.clone();
        Worker { engine, courier, bounds, bell }.run(stop.clone())
    });
    let workers = futures_util::future::join_all(workers.collect::<Vec<_>>());
    let stopped = stop.clone();
    tasks.spawn("notification deliveries", async move {
        // Whatever way this ends, the writer need not wait for it any longer.
        let _recorded = recorded.drop_guard();
        tokio::join!(workers, stopped.cancelled(), served.cancelled());
    });
    Doors {
        public: layers(http::router(Desk { engine: engine.clone() }), limits),
        checks: vec![engine.readiness(MIGRATIONS)],
        admin: choreography::admin::router(engine),
        ..Doors::default()
    }
}

/// Webhooks, unless this machine cannot make a client: then they wait for a replica that can.
fn poster(bounds: Bounds) -> Option<Courier> {
    match Poster::new(bounds) {
        Ok(poster) => Some(Courier::Webhook(Arc::new(poster))),
        Err(fault) => {
            tracing::error!(%fault, "webhooks cannot be posted from here");
            None
        }
    }
}
