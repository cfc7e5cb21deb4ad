//! Waitlist decides, and what it says happened is checked: each ticket's way, numbers, and who is passed over.

use crate::agenda::Item;
use crate::world::{Service, World};
use jiff::{SignedDuration, Timestamp};
use kernel::TicketId;
use waitlist_domain::{
    Command, Happened, LineTransition, Next, Outcome, Refusal, Standing, State, Ticket, Told, Transition, decide,
};

/// How soon a sweep looks, at most.
const SWEEP_MS: i64 = 250;

/// A ticket as its events tell of it.
#[derive(Debug)]
pub struct Record {
    pub size: i64,
    pub status: &'static str,
    version: i64,
    number: Option<i64>,
    deferrals: i64,
    deadline: Option<Timestamp>,
    /// How often somebody behind it was seated while it stood in line and might have sat.
    pub passed_over: i64,
    /// The same, where it was larger than the store when those seats were asked for, and in nobody's way.
    pub outgrown: i64,
}

impl Record {
    pub const fn new(size: i64) -> Self {
        let (status, version, number, deferrals, deadline) = ("", 0, None, 0, None);
        Self { size, status, version, number, deferrals, deadline, passed_over: 0, outgrown: 0 }
    }
}

/// The way of a ticket: from where each transition may come, and where it leads.
const fn way(transition: Transition) -> (&'static [&'static str], &'static str) {
    match transition {
        Transition::Joined => (&[""], "joining"),
        Transition::Issued => (&["joining"], "waiting"),
        Transition::Deferred => (&["waiting"], "waiting"),
        Transition::Called => (&["waiting"], "called"),
        Transition::Seated => (&["joining", "called"], "seated"),
        Transition::Left => (&["joining", "waiting", "called", "seated"], "left"),
        Transition::Cancelled => (&["waiting", "called"], "cancelled"),
        Transition::NoShow => (&["called"], "no_show"),
    }
}

impl World {
    /// Waitlist decides a command in a transaction of its own; what follows a commit is planned.
    pub fn line(&mut self, store: usize, command: &Command) -> Result<Told, Refusal> {
        let was_paused = self.waitlist.line(self.stores[store].shop.id).is_some_and(|line| line.paused);
        let clock = self.clock();
        let decision = decide(&mut self.waitlist, command, clock);
        self.story.tell(self.now, format!("waitlist  {} -> {}", asked(command), told(&decision.told)));
        match decision.happened {
            Some(Happened::Ticket(transition, ticket)) => {
                assert!(transition != Transition::Joined || !was_paused, "a paused line takes a party");
                self.happened(store, transition, &ticket);
            }
            Some(Happened::Line(LineTransition::Paused, _)) => self.note("paused"),
            Some(Happened::Line(LineTransition::Resumed, _)) | None => {}
        }
        self.follow_claim(store);
        if let Ok(Told::Stands(standing)) = &decision.told {
            let Standing { ticket, next, .. } = standing.as_ref();
            match next {
                Next::Claim { claim } => self.call(store, ticket.id, *claim),
                Next::Number if self.fails(3) => self.note("crash before the number"),
                Next::Number => {
                    let number = Item::Answer { ticket: ticket.id, outcome: Outcome::Unavailable };
                    self.plan_at(self.now, store, number);
                }
                Next::Nothing => {}
            }
        }
        if decision.told.is_ok() && !matches!(command, Command::Advance { .. }) && !self.fails(20) {
            self.plan_within(5, store, Item::Nudge);
        }
        self.plan_sweep(store);
        decision.told
    }

    fn happened(&mut self, store: usize, transition: Transition, ticket: &Ticket) {
        self.follow(transition, ticket);
        let (known, record) = (&mut self.stores[store], self.records.get_mut(&ticket.id).unwrap());
        known.live.insert(ticket.id);
        if let Some(past) = std::mem::replace(&mut record.deadline, ticket.state.deadline()) {
            known.deadlines.remove(&(past, ticket.id));
        }
        known.deadlines.extend(record.deadline.map(|at| (at, ticket.id)));
        match transition {
            Transition::Issued => self.check_number(store, ticket),
            Transition::Called => {
                self.note("called");
                self.pass_over(store, ticket);
            }
            Transition::Seated if ticket.number.is_none() => {
                self.note("seated at once");
                self.pass_over(store, ticket);
            }
            Transition::Deferred => self.note("deferred"),
            Transition::NoShow => self.note("no-show"),
            Transition::Cancelled => self.note("cancelled"),
            Transition::Joined | Transition::Seated | Transition::Left => {}
        }
        if matches!(transition, Transition::Cancelled | Transition::NoShow) {
            let (offering, party_size) = (ticket.party.line, ticket.party.size);
            let release = seating_domain::Command::Release { offering, ticket: ticket.id, party_size };
            self.send(store, Item::ToSeating(release));
        }
        self.react(store, ticket.id, transition);
    }

    /// A ticket goes its way, one version after the other, and the events alone tell where it stands.
    fn follow(&mut self, transition: Transition, ticket: &Ticket) {
        let record = self.records.get_mut(&ticket.id).unwrap();
        let (from, to) = way(transition);
        assert!(from.contains(&record.status), "{transition:?} of a ticket that is {}", record.status);
        record.status = to;
        record.version += 1;
        record.deferrals += i64::from(transition == Transition::Deferred);
        if transition == Transition::Issued {
            record.number = ticket.number;
        }
        let told = (ticket.state.status(), ticket.version, ticket.number, ticket.deferrals);
        assert_eq!(told, (record.status, record.version, record.number, record.deferrals), "{transition:?}");
        assert!(record.deferrals <= 2, "deferred more than twice");
    }

    /// Numbers of a service day are 1, 2, 3 …, and no day comes back.
    fn check_number(&mut self, store: usize, ticket: &Ticket) {
        let numbers = &mut self.stores[store].numbers;
        let is_new_day = !numbers.contains_key(&ticket.day);
        let newest = numbers.last_key_value().map_or(ticket.day, |(day, _)| *day);
        assert!(ticket.day >= newest, "a number of {} after those of {newest}", ticket.day);
        let last = numbers.entry(ticket.day).or_default();
        *last += 1;
        assert_eq!(ticket.number, Some(*last), "the next number of {} is {last}", ticket.day);
        if is_new_day {
            self.note("new day");
        }
    }

    /// Notes a claim when it begins; seats that are kept for somebody before are not asked for.
    fn follow_claim(&mut self, store: usize) {
        let Some(line) = self.waitlist.line(self.stores[store].shop.id) else { return };
        let asked_for = line.claim.map(|claim| claim.ticket);
        if asked_for == self.stores[store].claim.as_ref().map(|(ticket, _)| *ticket) {
            return;
        }
        let Some(ticket) = asked_for.and_then(|ticket| self.waitlist.ticket(ticket)) else {
            self.stores[store].claim = None;
            return;
        };
        let out = self.stores[store].claim.as_ref().map(|(claimed, _)| short(*claimed));
        assert_eq!(out, None, "its claim is out, and another begins for {}", short(ticket.id));
        let ahead = self.waitlist.queue(line.id()).take_while(|other| other.place < ticket.place);
        let ahead: Vec<_> = ahead.filter(|other| other.party.size <= line.shop.units).map(|other| other.id).collect();
        let is_kept = |other: &TicketId| {
            let record = &self.records[other];
            record.passed_over + record.outgrown >= line.shop.rules.passes_max
        };
        let kept_for = ahead.iter().find(|other| is_kept(other));
        assert_eq!(kept_for, None, "seats are kept for it, and asked for {}", short(ticket.id));
        self.stores[store].claim = Some((ticket.id, ahead));
    }

    /// Counts, for everybody whom `ticket` went before, that it did.
    fn pass_over(&mut self, store: usize, ticket: &Ticket) {
        let passes_max = self.stores[store].shop.rules.passes_max;
        let Some((_, passed)) = self.stores[store].claim.clone().filter(|(claimed, _)| *claimed == ticket.id) else {
            panic!("{} sits down out of turn", short(ticket.id));
        };
        let units = self.waitlist.line(ticket.party.line).map_or(0, |line| line.shop.units);
        let ahead = self.waitlist.queue(ticket.party.line).take_while(|other| other.place < ticket.place);
        let ahead: Vec<_> = ahead.filter(|other| other.party.size <= units).map(|other| other.id).collect();
        for other in ahead {
            let record = self.records.get_mut(&other).unwrap();
            if !passed.contains(&other) {
                record.outgrown += 1;
                continue;
            }
            record.passed_over += 1;
            let passes = record.passed_over;
            assert!(passes <= passes_max, "{} is passed over for the {passes}th time", short(other));
            self.note("passed over");
            if passes == passes_max && passes_max > 0 {
                self.note("kept for");
            }
        }
    }

    /// Waitlist looks for the next party to call.
    pub fn advance(&mut self, store: usize) -> Option<TicketId> {
        let line = self.stores[store].shop.id;
        if self.is_down(Service::Waitlist).is_some() {
            return None;
        }
        match self.line(store, &Command::Advance { line }) {
            Ok(Told::Stands(standing)) => Some(standing.ticket.id),
            Ok(Told::Line(_) | Told::Resting) | Err(Refusal::NotDue | Refusal::OfferingNotFound) => None,
            Err(refusal) => panic!("nobody can be called: {refusal}"),
        }
    }

    /// What waitlist's sweep does at a store: deadlines, then the next party.
    pub fn sweep(&mut self, store: usize) -> Option<TicketId> {
        if self.stores[store].sweep_at != Some(self.now) {
            // An earlier one was planned since.
            return None;
        }
        self.stores[store].sweep_at = None;
        if let Some(until) = self.is_down(Service::Waitlist) {
            self.stores[store].sweep_at = Some(until);
            self.plan_at(until, store, Item::Sweep);
            return None;
        }
        let (clock, deadlines) = (self.clock(), &self.stores[store].deadlines);
        let due: Vec<_> = deadlines.iter().take_while(|(at, _)| *at <= clock).map(|(_, ticket)| *ticket).collect();
        for ticket in due {
            match self.line(store, &Command::Due { ticket }) {
                Ok(_) | Err(Refusal::NotDue) => {}
                Err(refusal) => panic!("a deadline cannot pass: {refusal}"),
            }
        }
        let look_due = self.waitlist.line(self.stores[store].shop.id).and_then(|line| line.look_due);
        let about = look_due.filter(|due| *due <= self.clock()).and_then(|_| self.advance(store));
        self.plan_sweep(store);
        about
    }

    /// Plans the sweep that finds what is due next.
    pub fn plan_sweep(&mut self, store: usize) {
        let line = self.waitlist.line(self.stores[store].shop.id);
        let deadline = self.stores[store].deadlines.first().map(|(at, _)| *at);
        let soonest = deadline.into_iter().chain(line.and_then(|line| line.look_due)).min();
        let Some(soonest) = soonest else { return };
        let at = (soonest - self.skew).max(self.now) + SignedDuration::from_millis(SWEEP_MS);
        if self.stores[store].sweep_at.is_none_or(|planned| at < planned) {
            self.stores[store].sweep_at = Some(at);
            self.plan_at(at, store, Item::Sweep);
        }
    }
}

/// The end of an id, which tells one party from another.
pub fn short(ticket: TicketId) -> u128 {
    ticket.0.as_u128() & 0xffff_ffff
}

fn asked(command: &Command) -> String {
    match command {
        Command::Adopt(shop) => format!("adopt {} seats, version {}", shop.units, shop.version),
        Command::Join(join) => format!("join {} of {}", short(join.id), join.party_size),
        Command::Settle { ticket, outcome } => format!("settle {}: {outcome:?}", short(*ticket)),
        Command::Advance { .. } => "advance".to_owned(),
        Command::Due { ticket } => format!("due {}", short(*ticket)),
        Command::Recall { ticket } => format!("recall {}", short(*ticket)),
        Command::Cancel { ticket } => format!("cancel {}", short(*ticket)),
        Command::Defer { ticket } => format!("defer {}", short(*ticket)),
        Command::Seat { ticket } => format!("seat {}", short(*ticket)),
        Command::Pause { .. } => "pause".to_owned(),
        Command::Resume { .. } => "resume".to_owned(),
    }
}

fn told(told: &Result<Told, Refusal>) -> String {
    match told {
        Ok(Told::Stands(standing)) => {
            let Ticket { id, state, number, passes, .. } = &standing.ticket;
            let (id, status, next) = (short(*id), state.status(), standing.next);
            let until = match state {
                State::Joining { deadline } | State::Called { deadline } => format!(" until {deadline:.3}"),
                State::Waiting | State::Seated | State::Left | State::Cancelled | State::NoShow => String::new(),
            };
            format!("{id} {status}{until}, number {number:?}, passes {passes}, next {next:?}")
        }
        Ok(Told::Line(line)) => line.status().to_owned(),
        Ok(Told::Resting) => "nobody".to_owned(),
        Err(refusal) => format!("refused: {refusal}"),
    }
}
