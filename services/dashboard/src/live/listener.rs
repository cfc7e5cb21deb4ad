//! One listener: what was missed first, then what happens, until it leaves, falls behind, or the replica stops.

use super::notice::{self, Notice};
use super::{Hub, News};
use crate::events::TOPICS;
use axum::response::sse::Event;
use choreography::Replay;
use runtime::problem::Problem;
use serde_json::json;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast};
use tokio::time::{Interval, MissedTickBehavior};
use uuid::Uuid;

/// Events that are read at once for a listener who comes back.
const REPLAY_CHUNK_MAX: usize = 256;

/// What a listener wants to hear: all that each given wish fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub business: Option<String>,
    pub offering_id: Option<Uuid>,
    pub guest_id: Option<String>,
    pub case: Option<Uuid>,
}

impl Filter {
    fn takes(&self, notice: &Notice) -> bool {
        let Self { business, offering_id, guest_id, case } = self;
        let about = &notice.whereabouts;
        case.is_none_or(|case| case == notice.correlation)
            && (business.is_none() || *business == about.business)
            && (offering_id.is_none() || *offering_id == about.offering_id)
            && (guest_id.is_none() || *guest_id == about.guest_id)
    }
}

/// Where a listener's next event comes from.
enum Source {
    /// The stream, and then what was heard since.
    Missed(Box<Replay>, Option<broadcast::Receiver<News>>),
    Live(broadcast::Receiver<News>),
    Over,
}

/// Somebody who listens; holds a place among the listeners.
pub struct Listener {
    hub: Arc<Hub>,
    filter: Filter,
    /// What has been looked through, whether it was wanted or not.
    seen: u64,
    source: Source,
    ready: VecDeque<Event>,
    heartbeat: Interval,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    /// A listener who has heard everything up to `last`, if it has listened before.
    pub async fn new(hub: Arc<Hub>, filter: Filter, last: Option<u64>) -> Result<Self, Problem> {
        let place = hub.place().ok_or_else(|| Problem::busy("too many listen here; try again shortly"))?;
        let waiting = || Problem::unavailable("the broker has not answered yet; try again shortly");
        let receiver = hub.news.subscribe();
        let position = hub.position().ok_or_else(waiting)?;
        let mut heartbeat = tokio::time::interval(Duration::from_millis(hub.bounds.heartbeat_ms));
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ready = VecDeque::new();
        let live = |seen| (seen, Source::Live(receiver));
        let (seen, source) = match last {
            None => live(position),
            Some(last) => match missed(&hub, last, position).await? {
                Missed::Nothing => live(last),
                // It may take long to read, and the receiver would fall behind meanwhile.
                Missed::Until(until) => (last, missing(&hub, last..until, None)),
                Missed::Lost(reason) => {
                    ready.push_back(control("reset", reason, position));
                    live(position)
                }
            },
        };
        Ok(Self { hub, filter, seen, source, ready, heartbeat, _place: place })
    }

    /// What the listener is told next; none at the end.
    pub async fn next(&mut self) -> Option<Event> {
        let stop = self.hub.stop.clone();
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if matches!(self.source, Source::Over) {
                return None;
            }
            let seen = self.seen;
            tokio::select! {
                biased;
                () = stop.cancelled() => return None,
                // It also says how far a listener is who hears little, so that it need not read so much again.
                _ = self.heartbeat.tick() => return Some(Event::default().id(seen.to_string()).comment("listening")),
                () = step(&self.hub, &self.filter, &mut self.seen, &mut self.source, &mut self.ready) => {}
            }
        }
    }
}

/// Takes one step: nothing is lost if it is given up half way.
async fn step(hub: &Hub, filter: &Filter, seen: &mut u64, source: &mut Source, ready: &mut VecDeque<Event>) {
    match source {
        Source::Over => {}
        Source::Live(receiver) => match receiver.recv().await {
            Ok(News::Event(notice)) => take(filter, seen, &notice, ready),
            Ok(News::Anew(position)) => {
                *seen = position;
                ready.push_back(control("reset", "stream-anew", position));
            }
            Err(RecvError::Lagged(_)) => {
                ready.push_back(control("dropped", "too-slow", *seen));
                *source = Source::Over;
            }
            Err(RecvError::Closed) => *source = Source::Over,
        },
        Source::Missed(replay, receiver) => match replay.next(REPLAY_CHUNK_MAX).await {
            Ok(events) if events.is_empty() => {
                *seen = (*seen).max(replay.position());
                *source = caught_up(hub, *seen, receiver.take());
            }
            Ok(events) => {
                for notice in notice::of(&hub.store, &hub.known, &events).await {
                    take(filter, seen, &notice, ready);
                }
                *seen = (*seen).max(replay.position());
            }
            Err(fault) => {
                tracing::warn!(%fault, "a listener could not be told what it missed");
                ready.push_back(control("dropped", "unavailable", *seen));
                *source = Source::Over;
            }
        },
    }
}

/// The first round of reading is over: what happened during it is read in a second, short one, while the receiver
/// already listens.
fn caught_up(hub: &Hub, seen: u64, receiver: Option<broadcast::Receiver<News>>) -> Source {
    if let Some(receiver) = receiver {
        return Source::Live(receiver);
    }
    let receiver = hub.news.subscribe();
    let position = hub.position().unwrap_or_default();
    missing(hub, seen..position, Some(receiver))
}

/// What the stream holds behind the first of these places, up to the second.
fn missing(hub: &Hub, places: Range<u64>, receiver: Option<broadcast::Receiver<News>>) -> Source {
    Source::Missed(Box::new(Replay::new(&hub.broker, TOPICS, places.start, places.end)), receiver)
}

fn take(filter: &Filter, seen: &mut u64, notice: &Notice, ready: &mut VecDeque<Event>) {
    // What was read from the stream may be heard once more.
    if notice.stream_seq > *seen {
        *seen = notice.stream_seq;
        if filter.takes(notice) {
            ready.push_back(Event::default().id(notice.stream_seq.to_string()).data(&notice.body));
        }
    }
}

/// What a listener missed who comes back.
enum Missed {
    Nothing,
    /// What the stream holds behind its last event, up to here.
    Until(u64),
    /// It cannot be told any more, for this reason.
    Lost(&'static str),
}

async fn missed(hub: &Hub, last: u64, position: u64) -> Result<Missed, Problem> {
    let extent = Replay::extent(&hub.broker).await.map_err(|fault| {
        tracing::warn!(%fault, "a listener cannot be told what it missed");
        Problem::unavailable("the broker does not answer; try again shortly")
    })?;
    Ok(if last > extent.last {
        Missed::Lost("unknown-id")
    } else if last >= position {
        // Another replica was ahead of this one.
        Missed::Nothing
    } else if position - last > hub.bounds.replay_max || last + 1 < extent.first {
        Missed::Lost("too-old")
    } else {
        Missed::Until(position)
    })
}

/// A word about the stream itself: after `reset` the listener must look at the views, after `dropped` listen again.
fn control(event: &str, reason: &str, seen: u64) -> Event {
    Event::default().event(event).id(seen.to_string()).data(json!({ "reason": reason }).to_string())
}
