//! Payments: captures, declines, refunds.
#![doc = include_str!("../README.md")]

mod announce;
mod calls;
mod events;
mod http;
mod provider;
mod service;
mod store;
mod sweep;
mod waiting;

pub use announce::Announcer;
pub use events::TOPICS;
pub use store::MIGRATIONS;

use calls::{Caller, Queue};
use choreography::{Engine, Ground};
use http::Desk;
use provider::TestProvider;
use runtime::config::Env;
use runtime::doors::Doors;
use runtime::http::{Limits, layers};
use runtime::shutdown::Tasks;
use service::Payments;
use std::path::PathBuf;
use std::sync::Arc;
use sweep::Sweeper;
use tokio_util::sync::CancellationToken;

/// This service's name.
pub const NAME: &str = "payment";

/// What this service alone is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file that is the test provider's truth.
    pub ledger: PathBuf,
    /// While a file of this name exists, the test provider cannot be reached.
    pub outage: Option<PathBuf>,
    pub limits: Limits,
}

impl Config {
    /// Reads `PROVIDER_LEDGER` (required) and `PROVIDER_OUTAGE`.
    #[must_use]
    pub fn read(env: &Env) -> Self {
        Self {
            ledger: env.required("PROVIDER_LEDGER").into(),
            outage: env.text("PROVIDER_OUTAGE").map(PathBuf::from),
            limits: Limits::read(env, NAME),
        }
    }
}

/// Starts the service on its ground.
pub fn start(ground: Ground, config: Config, tasks: &mut Tasks, stop: &CancellationToken) -> Doors {
    let (queue, orders) = Queue::new();
    let service = Arc::new(Payments::new(queue.clone()));
    let engine = Engine::start(service, ground, tasks, stop);
    let provider = TestProvider::open(config.ledger, config.outage);
    let caller = Caller::new(engine.writer().clone(), Arc::new(provider));
    tasks.spawn("payment calls", caller.run(orders, stop.clone()));
    let sweeper = Sweeper { engine: engine.clone(), queue };
    tasks.spawn("payment sweep", sweeper.run(stop.clone()));
    let desk = Desk { engine: engine.clone() };
    Doors {
        public: layers(http::public(desk.clone()), config.limits),
        internal: layers(http::internal(desk), config.limits),
        checks: vec![engine.readiness(MIGRATIONS)],
        admin: choreography::admin::router(engine),
    }
}
