//! Walk-in lines: who joins, who is called, in which order.
#![doc = include_str!("../README.md")]

mod announce;
mod calling;
mod claim;
mod events;
mod http;
mod service;
mod store;

pub use announce::Announcer;
pub use events::TOPICS;
pub use store::MIGRATIONS;

use calling::{Caller, Nudges};
use choreography::{Engine, Ground};
use claim::Claimer;
use http::Desk;
use runtime::auth::ServiceToken;
use runtime::breaker;
use runtime::config::Env;
use runtime::doors::Doors;
use runtime::http::{Limits, layers};
use runtime::shutdown::Tasks;
use service::Waitlist;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// This service's name.
pub const NAME: &str = "waitlist";

/// What this service alone is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where seating's internal port is.
    pub seating_url: String,
    pub breaker: breaker::Settings,
    pub limits: Limits,
    /// What seating is shown.
    pub token: ServiceToken,
}

impl Config {
    /// Reads `SEATING_URL`, `SEATING_…` (breaker) and `AUTH_…`.
    #[must_use]
    pub fn read(env: &Env) -> Self {
        let seating_url = env.text("SEATING_URL").unwrap_or_else(|| "http://127.0.0.1:8082".into());
        if !seating_url.starts_with("http") || reqwest::Url::parse(&seating_url).is_err() {
            env.fault("SEATING_URL", "is not a URL such as http://seating:8082");
        }
        Self {
            seating_url,
            breaker: breaker::Settings::read(env, "SEATING"),
            limits: Limits::read(env, NAME),
            token: ServiceToken::read(env),
        }
    }
}

/// Starts the service on its ground.
pub fn start(ground: Ground, config: Config, tasks: &mut Tasks, stop: &CancellationToken) -> Doors {
    let (nudges, changed) = Nudges::new();
    let engine = Engine::start(Arc::new(Waitlist::new(nudges)), ground, tasks, stop);
    let claimer = Claimer::new(engine.writer().clone(), &config);
    config.token.start(tasks, stop);
    let caller = Caller { engine: engine.clone(), claimer: claimer.clone() };
    tasks.spawn("waitlist calls", caller.run(changed, stop.clone()));
    let desk = Desk { engine: engine.clone(), claimer };
    Doors {
        public: layers(http::router(desk), config.limits),
        checks: [engine.readiness(MIGRATIONS)].into_iter().chain(config.token.readiness(NAME)).collect(),
        admin: choreography::admin::router(engine),
        ..Doors::default()
    }
}
