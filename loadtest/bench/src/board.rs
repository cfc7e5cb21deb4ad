//! Who waits for which reservation: the answer to a request and the event that settles it come in any order.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Most events kept whose answer has not come; others' reservations have none, so more are let go.
const EARLY_MAX: usize = 100_000;

/// How a reservation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Confirmed,
    Rejected,
    Expired,
}

/// An outcome, and when its event was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    pub outcome: Outcome,
    pub at: Instant,
}

/// An accepted reservation whose end is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    pub begun: Instant,
    /// Place of its offering on the shelf.
    pub offering: usize,
}

enum Case {
    /// The event came first.
    Early(Settled),
    /// The answer came first.
    Open(Accepted, oneshot::Sender<()>),
}

/// The cases that are neither answered nor settled, or only one of both.
#[derive(Default)]
pub struct Board {
    cases: Mutex<Cases>,
}

#[derive(Default)]
struct Cases {
    by_id: HashMap<Uuid, Case>,
    early: usize,
}

impl Board {
    /// Notes that a request was accepted. `Ok` is its outcome if the event came first, else what to wait on.
    pub fn accept(&self, id: Uuid, accepted: Accepted) -> Result<Settled, oneshot::Receiver<()>> {
        let mut cases = self.cases();
        if let Some(Case::Early(settled)) = cases.by_id.get(&id) {
            let settled = *settled;
            cases.by_id.remove(&id);
            cases.early -= 1;
            return Ok(settled);
        }
        let (sender, receiver) = oneshot::channel();
        cases.by_id.insert(id, Case::Open(accepted, sender));
        Err(receiver)
    }

    /// Notes an event, wakes who waits for it, and says what it settled; the first one of a reservation counts.
    pub fn settle(&self, id: Uuid, settled: Settled) -> Option<Accepted> {
        let mut cases = self.cases();
        match cases.by_id.remove(&id) {
            Some(Case::Open(accepted, waiting)) => {
                // A caller that ran out of patience does not wait any more; the reservation is settled all the same.
                waiting.send(()).ok();
                Some(accepted)
            }
            Some(Case::Early(first)) => {
                cases.by_id.insert(id, Case::Early(first));
                None
            }
            None => {
                if cases.early < EARLY_MAX {
                    cases.early += 1;
                    cases.by_id.insert(id, Case::Early(settled));
                }
                None
            }
        }
    }

    /// Accepted reservations whose event has not come.
    pub fn open(&self) -> usize {
        let cases = self.cases();
        cases.by_id.len() - cases.early
    }

    fn cases(&self) -> MutexGuard<'_, Cases> {
        self.cases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted() -> Accepted {
        Accepted { begun: Instant::now(), offering: 3 }
    }

    fn settled(outcome: Outcome) -> Settled {
        Settled { outcome, at: Instant::now() }
    }

    #[tokio::test]
    async fn an_event_after_the_answer_wakes_its_caller_alone() {
        let (board, [mine, other]) = (Board::default(), [Uuid::from_u128(1), Uuid::from_u128(2)]);
        let first = accepted();
        let waiting = board.accept(mine, first).unwrap_err();
        let mut others = board.accept(other, accepted()).unwrap_err();
        assert_eq!(board.open(), 2);
        assert_eq!(board.settle(mine, settled(Outcome::Confirmed)), Some(first));
        waiting.await.unwrap();
        assert!(others.try_recv().is_err());
        assert_eq!(board.open(), 1);
    }

    #[test]
    fn an_event_before_the_answer_is_kept_for_it() {
        let (board, id) = (Board::default(), Uuid::from_u128(1));
        let first = settled(Outcome::Rejected);
        assert_eq!(board.settle(id, first), None);
        assert_eq!(board.settle(id, settled(Outcome::Confirmed)), None, "a repeat changes nothing");
        assert_eq!(board.open(), 0);
        assert_eq!(board.accept(id, accepted()).unwrap(), first);
        assert_eq!(board.open(), 0);
    }

    #[test]
    fn a_repeated_event_settles_nothing_twice() {
        let (board, id) = (Board::default(), Uuid::from_u128(1));
        let _waiting = board.accept(id, accepted()).unwrap_err();
        assert!(board.settle(id, settled(Outcome::Confirmed)).is_some());
        assert!(board.settle(id, settled(Outcome::Confirmed)).is_none());
        assert_eq!(board.open(), 0);
    }

    #[test]
    fn a_caller_that_left_does_not_hinder() {
        let (board, id) = (Board::default(), Uuid::from_u128(1));
        drop(board.accept(id, accepted()).unwrap_err());
        assert!(board.settle(id, settled(Outcome::Expired)).is_some());
    }

    #[test]
    fn events_of_others_are_kept_up_to_a_bound() {
        let board = Board::default();
        for id in 0..EARLY_MAX as u128 + 10 {
            assert_eq!(board.settle(Uuid::from_u128(id), settled(Outcome::Confirmed)), None);
        }
        assert_eq!(board.cases().by_id.len(), EARLY_MAX);
        let late = Uuid::from_u128(EARLY_MAX as u128 + 5);
        let _waiting = board.accept(late, accepted()).unwrap_err();
        assert_eq!(board.open(), 1);
    }
}
