//! The order of a case: by time, but no effect before its cause, and no change before the one it builds on.

use crate::store::Told;
use serde::Deserialize;
use std::collections::HashMap;
use uuid::Uuid;

/// Whose versions an event counts. A service has one aggregate in a case, but for messages, of which each is its own.
fn aggregate(event: &Told) -> (&str, Option<Uuid>) {
    let own = event.source == "notification";
    let delivery = own.then(|| serde_json::from_str::<Delivery>(&event.payload).ok()).flatten();
    (&event.source, delivery.map(|delivery| delivery.delivery_id))
}

#[derive(Deserialize)]
struct Delivery {
    delivery_id: Uuid,
}

/// Sorts the events of one case. Their times come from several databases, and from several transactions of one, so they
/// may contradict what is known for sure: versions, and what caused what.
pub fn sort(events: &mut [Told]) {
    let mut times: Vec<i64> = events.iter().map(|event| event.time_us).collect();
    let known: HashMap<_, _> = events.iter().enumerate().map(|(index, event)| (event.id, index)).collect();
    let aggregates: Vec<_> = events.iter().map(aggregate).collect();
    let before: Vec<Vec<usize>> = events
        .iter()
        .enumerate()
        .map(|(own, event)| {
            let earlier = |(index, other): &(usize, &Told)| {
                other.version < event.version && aggregates[*index] == aggregates[own]
            };
            let previous = events.iter().enumerate().filter(earlier).max_by_key(|(_, other)| other.version);
            let cause = event.causation.and_then(|cause| known.get(&cause).copied());
            previous.map(|(index, _)| index).into_iter().chain(cause).collect()
        })
        .collect();
    // Each round settles at least one event for good; a circle, which only a liar could publish, ends it as well.
    for _ in 0..events.len() {
        let mut settled = true;
        for (index, before) in before.iter().enumerate() {
            let Some(earliest) = before.iter().map(|other| times[*other] + 1).max() else { continue };
            if times[index] < earliest {
                times[index] = earliest;
                settled = false;
            }
        }
        if settled {
            break;
        }
    }
    let times: HashMap<_, _> = events.iter().zip(times).map(|(event, time)| (event.id, time)).collect();
    events.sort_by_key(|event| (times[&event.id], event.version, event.id));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: u128, source: &str, version: i64, time_us: i64, cause: Option<u128>) -> Told {
        Told {
            id: Uuid::from_u128(id),
            correlation: Uuid::nil(),
            kind: String::new(),
            source: source.into(),
            time_us,
            version,
            causation: cause.map(Uuid::from_u128),
            actor: None,
            payload: String::new(),
        }
    }

    fn sorted(mut events: Vec<Told>) -> Vec<u128> {
        sort(&mut events);
        events.iter().map(|event| event.id.as_u128()).collect()
    }

    #[test]
    fn clocks_that_disagree_put_no_effect_before_its_cause() {
        let late = 1_000_000;
        let held = event(1, "reservation", 1, late, None);
        let captured = event(2, "payment", 2, 10, Some(1));
        let confirmed = event(3, "reservation", 2, late - 5, Some(2));
        let refunded = event(4, "payment", 3, 20, None);
        assert_eq!(sorted(vec![refunded, confirmed, captured, held]), [1, 2, 3, 4]);
    }

    #[test]
    fn what_is_not_bound_together_goes_by_time() {
        let one = event(1, "reservation", 1, 30, None);
        let other = event(2, "payment", 1, 20, Some(99));
        assert_eq!(sorted(vec![one, other]), [2, 1]);
    }

    #[test]
    fn messages_of_one_case_count_their_own_versions() {
        let about = |mut event: Told, delivery: u128| {
            event.payload = serde_json::json!({ "delivery_id": Uuid::from_u128(delivery) }).to_string();
            event
        };
        let failed = about(event(1, "notification", 3, 10, None), 1);
        let sent = about(event(2, "notification", 1, 20, None), 2);
        let sent_later = about(event(3, "notification", 4, 5, None), 1);
        assert_eq!(sorted(vec![sent_later, sent, failed]), [1, 3, 2]);
    }

    #[test]
    fn a_circle_of_causes_ends() {
        let one = event(1, "reservation", 1, 30, Some(2));
        let other = event(2, "payment", 1, 20, Some(1));
        assert_eq!(sorted(vec![one, other]).len(), 2);
    }
}
