//! Capacity and reservations: places, settles, cancels, expires.
#![doc = include_str!("../README.md")]

mod admission;
mod announce;
mod capture;
mod events;
mod hint;
mod http;
mod service;
mod store;
mod sweep;

pub use announce::Announcer;
pub use events::TOPICS;
pub use store::MIGRATIONS;

use admission::{Admission, Bounds};
use capture::Capturer;
use choreography::{Engine, Ground};
use http::Desk;
use runtime::auth::ServiceToken;
use runtime::breaker;
use runtime::config::Env;
use runtime::doors::Doors;
use runtime::http::{Limits, layers};
use runtime::shutdown::Tasks;
use service::Reservations;
use std::sync::Arc;
use sweep::Sweeper;
use tokio_util::sync::CancellationToken;

/// This service's name.
pub const NAME: &str = "reservation";

/// What this service alone is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where payment's internal port is.
    pub payment_url: String,
    pub breaker: breaker::Settings,
    pub limits: Limits,
    pub bounds: Bounds,
    /// What payment is shown.
    pub token: ServiceToken,
}

impl Config {
    /// Reads `PAYMENT_URL`, `PAYMENT_…` (breaker), `UNSETTLED_MAX`, `HELD_MAX` and `AUTH_…`.
    #[must_use]
    pub fn read(env: &Env) -> Self {
        let payment_url = env.text("PAYMENT_URL").unwrap_or_else(|| "http://127.0.0.1:8082".into());
        if !payment_url.starts_with("http") || reqwest::Url::parse(&payment_url).is_err() {
            env.fault("PAYMENT_URL", "is not a URL such as http://payment:8082");
        }
        Self {
            payment_url,
            token: ServiceToken::read(env),
            breaker: breaker::Settings::read(env, "PAYMENT"),
            limits: Limits::read(env, NAME),
            bounds: Bounds {
                unsettled_max: env.within("UNSETTLED_MAX", 1_024, 1..=1_000_000),
                held_max: env.within("HELD_MAX", 1_000_000, 1..=sweep::HELD_COUNT_MAX),
            },
        }
    }
}

/// Starts the service on its ground.
pub fn start(ground: Ground, config: Config, tasks: &mut Tasks, stop: &CancellationToken) -> Doors {
    let engine = Engine::start(Arc::new(Reservations::default()), ground, tasks, stop);
    let capturer = Capturer::new(engine.writer().clone(), &config);
    config.token.start(tasks, stop);
    let held = Arc::default();
    let sweeper = Sweeper { engine: engine.clone(), capturer: capturer.clone(), held: Arc::clone(&held) };
    tasks.spawn("reservation deadlines", sweeper.run(stop.clone()));
    let admission = Admission::new(engine.clone(), held, config.bounds);
    let desk = Desk { engine: engine.clone(), capturer, admission, by_call: hint::ByCall::default() };
    Doors {
        public: layers(http::router(desk), config.limits),
        checks: [engine.readiness(MIGRATIONS)].into_iter().chain(config.token.readiness(NAME)).collect(),
        admin: choreography::admin::router(engine),
        ..Doors::default()
    }
}
