//! Messages to guests and hosts, one for each transition.
#![doc = include_str!("../README.md")]

mod command;
mod events;
mod http;
#[cfg(test)]
mod permutations;
#[cfg(test)]
mod races;
mod service;
mod store;
mod text;
mod working;

pub use store::MIGRATIONS;

use choreography::{Engine, Ground};
use http::Desk;
use runtime::config::Env;
use runtime::doors::Doors;
use runtime::http::{Limits, layers};
use runtime::shutdown::Tasks;
use service::Notification;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// This service's name.
pub const NAME: &str = "notification";

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
    let engine = Engine::start(Arc::new(Notification), ground, tasks, stop);
    Doors {
        public: layers(http::router(Desk { store: engine.store().clone() }), config.limits),
        checks: vec![engine.readiness(MIGRATIONS)],
        admin: choreography::admin::router(engine),
        ..Doors::default()
    }
}
