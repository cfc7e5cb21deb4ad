//! Reviews: posted, changed and removed by guests, listed per offering.
#![doc = include_str!("../README.md")]

mod announce;
mod events;
mod http;
mod service;
mod store;

pub use announce::Announcer;
pub use events::TOPICS;
pub use store::MIGRATIONS;

use choreography::{Engine, Ground};
use http::Desk;
use runtime::config::Env;
use runtime::doors::Doors;
use runtime::http::{Limits, layers};
use runtime::shutdown::Tasks;
use service::Reviews;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// This service's name.
pub const NAME: &str = "review";

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
    let engine = Engine::start(Arc::new(Reviews), ground, tasks, stop);
    Doors {
        public: layers(http::router(Desk { engine: engine.clone() }), config.limits),
        checks: vec![engine.readiness(MIGRATIONS)],
        admin: choreography::admin::router(engine),
        ..Doors::default()
    }
}
