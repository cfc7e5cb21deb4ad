//! Which events may be under way together: those of one night go in order, all others need not wait.

use crate::plan::{Hotel, Op, Plan};
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// Most events that are looked at ahead of the oldest unfinished one's turn.
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
    under_way: usize,
}

impl<'a> Schedule<'a> {
    pub fn new(plan: &'a Plan) -> Self {
        Self { plan, next: 0, lanes: HashMap::new(), behind: HashMap::new(), ready: BTreeSet::new(), under_way: 0 }
    }

    /// The oldest event that may begin now; `None` while all that could be next wait for one under way, or at the end.
    pub fn begin(&mut self) -> Option<usize> {
        while self.next < self.plan.events().len() && self.behind.len() + self.ready.len() < AHEAD_MAX {
            self.admit(self.next);
            self.next += 1;
        }
        let event = self.ready.pop_first()?;
        self.under_way += 1;
        Some(event)
    }

    /// Lets those begin that waited for `event` only.
    pub fn finish(&mut self, event: usize) {
        self.under_way -= 1;
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
