//! The read models of the platform: overview, guests, businesses, and the history of every case.
#![doc = include_str!("../README.md")]

mod calendar;
mod days;
mod events;
mod http;
mod live;
mod rebuild;
#[cfg(test)]
mod sample;
mod service;
mod store;
mod working;

pub use events::TOPICS;
pub use store::MIGRATIONS;

use choreography::{Engine, Ground};
use http::Desk;
use live::{Bounds, Hub};
use rebuild::Rebuilder;
use runtime::config::Env;
use runtime::doors::Doors;
use runtime::http::{Limits, layers};
use runtime::shutdown::Tasks;
use service::Dashboard;
use std::sync::Arc;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// This service's name.
pub const NAME: &str = "dashboard";

/// What this service alone is told.
#[derive(Clone, Debug)]
pub struct Config {
    pub limits: Limits,
    pub live: Bounds,
}

impl Config {
    /// Reads the bounds of HTTP and of the live stream.
    #[must_use]
    pub fn read(env: &Env) -> Self {
        Self { limits: Limits::read(env, NAME), live: Bounds::read(env) }
    }
}

/// Starts the service on its ground.
pub fn start(ground: Ground, config: Config, tasks: &mut Tasks, stop: &CancellationToken) -> Doors {
    let (broker, batch_max) = (ground.broker.clone(), ground.settings.batch_max);
    let engine = Engine::start(Arc::new(Dashboard), ground, tasks, stop);
    let begun = Arc::new(Notify::new());
    let rebuilder = Rebuilder {
        store: engine.store().clone(),
        broker: broker.clone(),
        batch_max,
        replica: engine.replica(),
        begun: Arc::clone(&begun),
    };
    tasks.spawn("dashboard rebuild", rebuilder.run(stop.clone()));
    let hub = Hub::new(config.live, broker, engine.store().clone(), stop.clone());
    tasks.spawn("dashboard live", Arc::clone(&hub).run());
    let desk = Desk { engine: engine.clone(), begun, hub };
    Doors {
        public: layers(http::public(desk.clone()), config.limits),
        checks: vec![engine.readiness(MIGRATIONS)],
        admin: choreography::admin::router(engine).merge(http::admin(desk)),
        ..Doors::default()
    }
}
