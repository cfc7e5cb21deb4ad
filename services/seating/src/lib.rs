//! Floors and parties: claims, leaving, releases.
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
use service::Seating;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// This service's name.
pub const NAME: &str = "seating";

/// What this service alone is told.
#[derive(Clone, Debug)]
pub struct Config {
    pub limits: Limits,
}

impl Config {
    /// Nothing of its own but the usual bounds.
    #[must_use]
    pub fn read(env: &Env) -> Self {
        Self { limits: Limits::read(env, NAME) }
    }
}

/// Starts the service on its ground.
pub fn start(ground: Ground, config: Config, tasks: &mut Tasks, stop: &CancellationToken) -> Doors {
    let engine = Engine::start(Arc::new(Seating), ground, tasks, stop);
    let desk = Desk { engine: engine.clone() };
    Doors {
        public: layers(http::public(desk.clone()), config.limits),
        internal: layers(http::internal(desk), config.limits),
        checks: vec![engine.readiness(MIGRATIONS)],
        admin: choreography::admin::router(engine),
    }
}
