//! An event as listeners get it, with what they may ask for it by.

use crate::events;
use crate::store::View;
use crate::working::Change;
use choreography::{Received, Store};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// Most cases whose whereabouts are remembered; of the others the views know.
const CASES_MAX: usize = 16_384;

/// Whom an event concerns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    pub business: Option<String>,
    pub offering_id: Option<Uuid>,
    pub guest_id: Option<String>,
}

/// An event on its way to those who asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub stream_seq: u64,
    /// The case.
    pub correlation: Uuid,
    pub whereabouts: Whereabouts,
    /// JSON.
    pub body: String,
}

/// The whereabouts of the latest cases. Payments, parties and messages tell only their case, and the views, which would
/// know it, may be a moment behind.
#[derive(Default)]
pub struct Known(Mutex<Latest>);

#[derive(Default)]
struct Latest {
    cases: HashMap<Uuid, Whereabouts>,
    order: VecDeque<Uuid>,
}

impl Known {
    /// Remembers what events tell of their cases, and gives what each tells of itself; none of what does not read.
    pub fn learn(&self, events: &[Received]) -> Vec<Option<Whereabouts>> {
        let told: Vec<_> = events.iter().map(told).collect();
        let mut latest = self.latest();
        for (event, whereabouts) in events.iter().zip(&told) {
            if let Some(whereabouts) = whereabouts.as_ref().filter(|whereabouts| whereabouts.guest_id.is_some()) {
                latest.remember(event.correlation, whereabouts);
            }
        }
        told
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Latest {
    fn remember(&mut self, case: Uuid, whereabouts: &Whereabouts) {
        if self.cases.insert(case, whereabouts.clone()).is_none() {
            self.order.push_back(case);
        }
        if self.order.len() > CASES_MAX {
            let oldest = self.order.pop_front();
            oldest.and_then(|oldest| self.cases.remove(&oldest));
        }
    }
}

/// What an event itself tells of whom it concerns; nothing if it does not read.
fn told(event: &Received) -> Option<Whereabouts> {
    let of = |business: &str, offering_id, guest_id: Option<&String>| Whereabouts {
        business: Some(business.to_owned()),
        offering_id: Some(offering_id),
        guest_id: guest_id.cloned(),
    };
    Some(match events::change(event).ok()? {
        Some(Change::Offering(told)) => of(&told.business, told.offering_id, None),
        // What a host takes out of sale bears its own name, which may be a guest's as well.
        Some(Change::Reservation(it)) => {
            let guest = Some(&it.told.guest_id).filter(|_| it.told.purpose.is_none());
            of(&it.told.business, it.told.offering_id, guest)
        }
        Some(Change::Ticket(it)) => of(&it.told.business, it.told.offering_id, Some(&it.told.guest_id)),
        Some(Change::Review(it)) => of(&it.told.business, it.told.offering_id, Some(&it.told.guest_id)),
        Some(Change::Line(told)) => of(&told.business, told.offering_id, None),
        Some(Change::Payment(_) | Change::Party(_)) | None => Whereabouts::default(),
    })
}

/// The notices of some events. A state that is only told again is nothing that happened.
pub async fn of(store: &Store, known: &Known, events: &[Received]) -> Vec<Notice> {
    let told = known.learn(events);
    let is_silent = |event: &Received, told: &Whereabouts| told.business.is_none() && !events::is_state(event);
    let silent = events
        .iter()
        .zip(&told)
        .filter_map(|(event, told)| told.as_ref().filter(|told| is_silent(event, told)).map(|_| event.correlation));
    let cases = looked_up(store, known, silent.collect()).await;
    let happened = events.iter().zip(told).filter(|(event, _)| !events::is_state(event));
    happened
        .filter_map(|(event, told)| {
            let told = told?;
            let whereabouts = if told.business.is_none() { cases.get(&event.correlation).cloned() } else { Some(told) };
            Some(notice(event, whereabouts.unwrap_or_default()))
        })
        .collect()
}

/// What is remembered of these cases, or else what the views know.
async fn looked_up(store: &Store, known: &Known, cases: HashSet<Uuid>) -> HashMap<Uuid, Whereabouts> {
    let mut found: HashMap<Uuid, Whereabouts> = {
        let latest = known.latest();
        cases.iter().filter_map(|case| Some((*case, latest.cases.get(case)?.clone()))).collect()
    };
    let unknown: Vec<Uuid> = cases.into_iter().filter(|case| !found.contains_key(case)).collect();
    if !unknown.is_empty() {
        match View::whereabouts(store, unknown).await {
            Ok(rows) => found.extend(rows),
            // Better told to those who follow the case or everything than held back from all.
            Err(fault) => tracing::warn!(%fault, "whom some events concern is not known"),
        }
    }
    found
}

fn notice(event: &Received, whereabouts: Whereabouts) -> Notice {
    let Received { id, kind, correlation, causation, version, time, actor, payload, stream_seq, .. } = event;
    let Whereabouts { business, offering_id, guest_id } = &whereabouts;
    let body = json!({
        "id": id.0,
        "type": kind,
        "source": events::source(event),
        "correlation": correlation,
        "time": time.to_string(),
        "version": version,
        "cause": causation,
        "actor": actor,
        "business": business,
        "offering_id": offering_id,
        "guest_id": guest_id,
        "data": serde_json::from_slice::<Value>(payload).unwrap_or(Value::Null),
    });
    Notice { stream_seq: *stream_seq, correlation: *correlation, body: body.to_string(), whereabouts }
}
