//! Which events may be under way together: those of one night go in order, all others need not wait.

use crate::plan::{Hotel, Op, Plan};
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// Most events that wait for their turn at once; what comes after them is not looked at yet.
const AHEAD_MAX: usize = 4_096;

/// Hands out the events that change the books, each as soon as no earlier unfinished one shares a night with it.
///
/// A decision depends on its own nights alone, so every order that keeps each night's order decides the same. Events of
/// one booking share all nights, so they stay in order, too.
#[derive(Debug)]
pub struct Schedule<'a> {
    plan: &'a Plan,
    /// The first event that was not looked at.
    next: usize,
    /// Unfinished events of a night, the oldest first.
    lanes: HashMap<(Hotel, Date), VecDeque<usize>>,
    /// How many lanes an event is not yet the first of.
    behind: HashMap<usize, usize>,
    ready: BTreeSet<usize>,
}

impl<'a> Schedule<'a> {
    pub fn new(plan: &'a Plan) -> Self {
        Self { plan, next: 0, lanes: HashMap::new(), behind: HashMap::new(), ready: BTreeSet::new() }
    }

    /// The oldest event that may begin now; `None` while all that could be next wait for one under way, or at the end.
    pub fn begin(&mut self) -> Option<usize> {
        while self.next < self.plan.events().len() && self.behind.len() + self.ready.len() < AHEAD_MAX {
            self.admit(self.next);
            self.next += 1;
        }
        self.ready.pop_first()
    }

    /// Lets those begin that waited for `event` only.
    pub fn finish(&mut self, event: usize) {
        let booking = self.plan.booking(&self.plan.events()[event]);
        for night in booking.nights() {
            let Some(lane) = self.lanes.get_mut(&(booking.hotel, night)) else { continue };
            lane.pop_front();
            let Some(first) = lane.front().copied() else {
                self.lanes.remove(&(booking.hotel, night));
                continue;
            };
            if let Some(lanes) = self.behind.get_mut(&first) {
                *lanes -= 1;
                if *lanes == 0 {
                    self.behind.remove(&first);
                    self.ready.insert(first);
                }
            }
        }
    }

    fn admit(&mut self, index: usize) {
        let event = &self.plan.events()[index];
        let booking = self.plan.booking(event);
        match event.op {
            Op::Book | Op::Cancel => {}
            Op::CheckIn | Op::NoShow | Op::CheckOut => return,
        }
        if booking.is_day_use() {
            return;
        }
        let mut behind = 0;
        for night in booking.nights() {
            let lane = self.lanes.entry((booking.hotel, night)).or_default();
            behind += usize::from(!lane.is_empty());
            lane.push_back(index);
        }
        if behind == 0 {
            self.ready.insert(index);
        } else {
            self.behind.insert(index, behind);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{Capacities, Outcome, reference};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Decides a plan as a platform does that is asked `in_flight` events at once and takes them in any order.
    fn decided(plan: &Plan, capacities: Capacities, in_flight: usize, mut pick: impl FnMut(usize) -> usize) -> Outcome {
        let mut schedule = Schedule::new(plan);
        let (mut under_way, mut taken) = (Vec::new(), BTreeMap::<(Hotel, Date), u32>::new());
        let mut decisions: BTreeMap<u32, bool> = BTreeMap::new();
        loop {
            while under_way.len() < in_flight {
                let Some(event) = schedule.begin() else { break };
                under_way.push(event);
            }
            if under_way.is_empty() {
                break;
            }
            let index = under_way.swap_remove(pick(under_way.len()));
            let event = &plan.events()[index];
            let booking = plan.booking(event);
            let nights = || booking.nights().map(|night| (booking.hotel, night));
            if event.op == Op::Book {
                let capacity = capacities.of(booking.hotel);
                let free = nights().all(|night| taken.get(&night).is_none_or(|rooms| *rooms < capacity));
                assert_eq!(decisions.insert(booking.number, free), None, "booked twice");
                nights().filter(|_| free).for_each(|night| *taken.entry(night).or_default() += 1);
            } else if decisions[&booking.number] {
                nights().for_each(|night| *taken.get_mut(&night).unwrap() -= 1);
            }
            schedule.finish(index);
        }
        let told = Outcome::tell(plan, |_, booking| booking.is_day_use() || decisions[&booking.number]);
        taken.retain(|_, rooms| *rooms > 0);
        Outcome { occupancy: taken, ..told }
    }

    proptest! {
        #[test]
        fn every_order_of_answers_decides_as_one_event_after_the_other(
            seed in any::<u64>(),
            events in 1usize..600,
            in_flight in 1usize..80,
            rooms in 1u32..6,
            picks in prop::collection::vec(any::<prop::sample::Index>(), 1..50),
        ) {
            let plan = Plan::generated(seed, events);
            let capacities = Capacities { city: rooms, resort: rooms };
            let mut picks = picks.iter().cycle();
            let outcome = decided(&plan, capacities, in_flight, |of| picks.next().unwrap().index(of));
            let differences = crate::differences(&outcome, &reference(&plan, capacities));
            prop_assert!(differences.is_empty(), "{differences:#?}");
        }
    }

    #[test]
    fn many_go_at_once_and_not_one_more_than_the_look_ahead_holds() {
        let plan = Plan::generated(1, 20_000);
        let mut schedule = Schedule::new(&plan);
        let first: Vec<usize> = std::iter::from_fn(|| schedule.begin()).collect();
        assert!(first.len() >= 8, "{}", first.len());
        assert!(schedule.behind.len() <= AHEAD_MAX);
        assert!(schedule.begin().is_none());
        schedule.finish(first[0]);
        assert!(schedule.begin().is_some());
    }
}
