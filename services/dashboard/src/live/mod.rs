//! What happens, as it happens: one follower of the stream in each replica, and everybody who listens to it.

mod listener;
mod notice;

pub use listener::{Filter, Listener};
pub use notice::Whereabouts;

use crate::events::TOPICS;
use choreography::{Broker, Store, Tail, Tidings};
use notice::{Known, Notice};
use runtime::config::Env;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};
use tokio_util::sync::CancellationToken;

/// Bounds of the live stream.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Listeners of one replica at once; one more is answered 503 (1,000).
    pub listeners_max: usize,
    /// Events that a listener may be behind before it is dropped (1,024); they are kept once for all.
    pub buffer_max: usize,
    /// Events that are looked through for a listener who comes back (10,000); whoever missed more is told so.
    pub replay_max: u64,
    /// A sign of life this often, in milliseconds (15,000).
    pub heartbeat_ms: u64,
}

impl Bounds {
    /// The usual bounds, or those of `LIVE_LISTENERS_MAX`, `LIVE_BUFFER_MAX`, `LIVE_REPLAY_MAX` and `LIVE_HEARTBEAT_MS`.
    #[must_use]
    pub fn read(env: &Env) -> Self {
        Self {
            listeners_max: env.within("LIVE_LISTENERS_MAX", 1_000, 1..=100_000),
            buffer_max: env.within("LIVE_BUFFER_MAX", 1_024, 1..=65_536),
            replay_max: env.within("LIVE_REPLAY_MAX", 10_000, 1..=1_000_000),
            heartbeat_ms: env.within("LIVE_HEARTBEAT_MS", 15_000, 10..=600_000),
        }
    }
}

/// What listeners are told.
#[derive(Clone, Debug)]
enum News {
    Event(Arc<Notice>),
    /// The stream begins anew behind this place.
    Anew(u64),
}

/// The one follower of a replica, and the place where its listeners meet.
pub struct Hub {
    bounds: Bounds,
    broker: Broker,
    store: Store,
    known: Known,
    news: broadcast::Sender<News>,
    /// How far the follower is; none before the broker has answered.
    position: watch::Sender<Option<u64>>,
    free: Arc<Semaphore>,
    stop: CancellationToken,
}

impl Hub {
    /// A hub that hears nothing until it runs.
    pub fn new(bounds: Bounds, broker: Broker, store: Store, stop: CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            bounds,
            broker,
            store,
            known: Known::default(),
            news: broadcast::Sender::new(bounds.buffer_max),
            position: watch::Sender::new(None),
            free: Arc::new(Semaphore::new(bounds.listeners_max)),
            stop,
        })
    }

    /// Follows the stream until the replica stops.
    pub async fn run(self: Arc<Self>) {
        let mut tail = Tail::new(&self.broker, TOPICS);
        loop {
            let tidings = tokio::select! {
                () = self.stop.cancelled() => return,
                tidings = tail.next() => tidings,
            };
            let position = tail.position();
            // A listener subscribes first and reads the position then: what lies behind it will reach him here, what
            // lies before it he reads from the stream. So the position moves before anything is sent.
            match tidings {
                Tidings::Anew => {
                    self.position.send_replace(position);
                    self.tell(News::Anew(position.unwrap_or_default()));
                }
                Tidings::Events(events) if self.news.receiver_count() == 0 => {
                    self.known.learn(&events);
                    self.position.send_replace(position);
                }
                Tidings::Events(events) => {
                    let notices = notice::of(&self.store, &self.known, &events).await;
                    self.position.send_replace(position);
                    notices.into_iter().for_each(|notice| self.tell(News::Event(Arc::new(notice))));
                }
            }
        }
    }

    /// That nobody listens is no fault.
    fn tell(&self, news: News) {
        drop(self.news.send(news));
    }

    /// How far the follower is; none before the broker has answered.
    fn position(&self) -> Option<u64> {
        *self.position.borrow()
    }

    /// A place among the listeners, if there is one left.
    fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).try_acquire_owned().ok()
    }
}
