//! Offerings: published, changed and retired by their owners, searched by anyone.
#![doc = include_str!("../README.md")]

mod announce;
mod backfill;
mod events;
mod http;
mod news;
#[cfg(test)]
mod permutations;
mod service;
mod store;
mod working;

pub use announce::Announcer;
pub use news::TOPICS;
pub use store::MIGRATIONS;

use choreography::{Engine, Ground};
use http::Desk;
use runtime::config::Env;
use runtime::doors::Doors;
use runtime::http::{Limits, layers};
use runtime::shutdown::Tasks;
use service::Catalog;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// This service's name.
pub const NAME: &str = "catalog";

/// What this service alone is told.
#[derive(Clone, Debug)]
pub struct Config {
    pub limits: Limits,
}

impl Config {
    /// Reads the bounds of HTTP.
    #[must_use]
    pub fn read(env: &Env) -> Self {
        Self { limits: Limits::read(env, NAME) }
    }
}

/// Starts the service on its ground.
pub fn start(ground: Ground, config: Config, tasks: &mut Tasks, stop: &CancellationToken) -> Doors {
    let engine = Engine::start(Arc::new(Catalog), ground, tasks, stop);
    tasks.spawn("catalog index", backfill::run(engine.clone(), stop.clone()));
    Doors {
        public: layers(http::router(Desk { engine: engine.clone() }), config.limits),
        checks: vec![engine.readiness(MIGRATIONS)],
        admin: choreography::admin::router(engine),
        ..Doors::default()
    }
}
