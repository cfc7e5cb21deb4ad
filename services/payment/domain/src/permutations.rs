//! Property tests: whatever the order, the repeats and the losses, the money ends where the newest version says.

use crate::command::{Next, Refusal, Work};
use crate::follow::Capture;
use crate::payment::{Standing, State, Transition};
use crate::refund::Giving;
use crate::settle::Outcome;
use crate::testing::{Case, TOTAL, at};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What the provider does with a call.
#[derive(Clone, Copy, Debug)]
enum Line {
    Good,
    /// The call does not arrive.
    Cut,
    /// The call arrives, its answer does not.
    Lost,
    /// The call arrives, is given up, and only so many seconds later a capture is made.
    Late(i64),
}

/// The provider's own bound of [`Line::Late`], with a margin for the caller's own delays.
const LATE_SECONDS_MAX: i64 = 60;
const CHARGES_WITHIN: SignedDuration = SignedDuration::from_secs(LATE_SECONDS_MAX + 30);
/// An order that waited longer is not carried out.
const WAIT_SECONDS_MAX: i64 = 10;

#[derive(Clone, Debug)]
enum Step {
    /// The reservation's change of that number arrives (again).
    Event(usize),
    Request,
    /// The oldest call that is out reaches the provider, or not.
    Call(Line),
    /// The same answer is told a second time.
    Echo,
    /// That many seconds pass and the sweep looks.
    Sweep(i64),
}

/// The provider's own truth, idempotent by key.
#[derive(Debug, Default)]
struct Provider {
    declines: bool,
    charged: bool,
    /// When a capture that it is busy with will be made.
    due: Option<Timestamp>,
    /// Total given back by the key's goal.
    refunds: BTreeMap<i64, i64>,
}

struct World {
    case: Case,
    provider: Provider,
    chain: Vec<Standing>,
    out: Vec<(Work, Timestamp)>,
    first_captures: u32,
    echo: Option<Result<Outcome, Giving>>,
}

impl World {
    fn new(capture: Capture, chain: Vec<Standing>, declines: bool) -> Self {
        let provider = Provider { declines, ..Provider::default() };
        let case = Case::new(capture);
        Self { case, provider, chain, out: Vec::new(), first_captures: 0, echo: None }
    }

    fn note(&mut self, next: Next) {
        if let Next::Call(work) = next {
            self.first_captures += u32::from(work == Work::Capture { find_first: false });
            self.out.push((work, self.case.now));
        }
    }

    fn event(&mut self, index: usize) {
        let Some(standing) = self.chain.get(index).copied() else { return };
        let next = self.case.follow(i64::try_from(index).unwrap() + 1, standing);
        self.note(next);
    }

    fn request(&mut self) -> Result<Next, Refusal> {
        let next = self.case.request()?;
        self.note(next);
        Ok(next)
    }

    fn sweep(&mut self, seconds: i64) {
        let now = self.case.now + SignedDuration::from_secs(seconds);
        self.case.now = now;
        self.provider.charge_what_is_due(now);
        if self.case.working.created().next().is_some()
            && let Ok(next) = self.case.take_up(now)
        {
            self.note(next);
        }
    }

    fn call(&mut self, line: Line) {
        if self.out.is_empty() {
            return;
        }
        let (work, since) = self.out.remove(0);
        let now = self.case.now;
        if now.duration_since(since) > SignedDuration::from_secs(WAIT_SECONDS_MAX) {
            return;
        }
        let told = match work {
            Work::Capture { find_first: _ } => Ok(self.provider.capture(line, now)),
            Work::Ascertain => Ok(self.provider.find(line)),
            Work::Refund { amount, goal } => Err(self.provider.refund(line, amount, goal)),
        };
        self.tell(&told);
        self.echo = Some(told);
    }

    fn tell(&mut self, told: &Result<Outcome, Giving>) {
        let next = match told {
            Ok(outcome) => self.case.settle(outcome.clone()),
            Err(giving) => self.case.give(*giving),
        };
        self.note(next);
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Event(index) => self.event(*index),
            // A refusal is an answer; what it leaves behind is checked at the end.
            Step::Request => drop(self.request()),
            Step::Call(line) => self.call(*line),
            Step::Echo => {
                if let Some(told) = self.echo.clone() {
                    self.tell(&told);
                }
            }
            Step::Sweep(seconds) => self.sweep(*seconds),
        }
    }

    /// Everything arrives, every line is good, and time passes until nothing is due.
    fn finish(&mut self) {
        for index in 0..self.chain.len() {
            self.event(index);
        }
        for _ in 0..20 {
            while !self.out.is_empty() {
                self.call(Line::Good);
            }
            self.sweep(61);
        }
    }
}

impl Provider {
    fn charge_what_is_due(&mut self, now: Timestamp) {
        self.charged |= self.due.take_if(|due| *due <= now).is_some();
    }

    fn capture(&mut self, line: Line, now: Timestamp) -> Outcome {
        match line {
            Line::Late(seconds) => {
                if !self.declines && !self.charged {
                    self.due.get_or_insert(now + SignedDuration::from_secs(seconds));
                }
                Outcome::Unknown
            }
            Line::Cut => Outcome::Unknown,
            Line::Good if self.declines => Outcome::Declined { reason: "no-money".into() },
            Line::Lost if self.declines => Outcome::Unknown,
            Line::Good => {
                self.charged = true;
                Outcome::Captured { at: at(0) }
            }
            Line::Lost => {
                self.charged = true;
                Outcome::Unknown
            }
        }
    }

    fn find(&self, line: Line) -> Outcome {
        match (line, self.charged) {
            (Line::Cut | Line::Lost | Line::Late(_), _) => Outcome::Unknown,
            (Line::Good, true) => Outcome::Captured { at: at(0) },
            (Line::Good, false) => Outcome::NotCharged { charges_within: CHARGES_WITHIN },
        }
    }

    fn refund(&mut self, line: Line, amount: i64, goal: i64) -> Giving {
        match line {
            Line::Cut => Giving::Unknown,
            Line::Good => {
                self.refunds.entry(goal).or_insert(amount);
                Giving::Given { total: goal }
            }
            Line::Lost | Line::Late(_) => {
                self.refunds.entry(goal).or_insert(amount);
                Giving::Unknown
            }
        }
    }

    fn balance(&self) -> i64 {
        i64::from(self.charged) * TOTAL - self.refunds.values().sum::<i64>()
    }
}

fn chains() -> impl Strategy<Value = Vec<Standing>> {
    use Standing::{Ended, Held, Stands, Undecided};
    (0..=TOTAL, 0..=TOTAL).prop_flat_map(|(one, other)| {
        let (keep, lower) = (one.max(other), one.min(other));
        prop::sample::select(vec![
            vec![Held],
            vec![Held, Stands],
            vec![Held, Ended { keep: 0 }],
            vec![Held, Stands, Ended { keep }],
            vec![Held, Stands, Ended { keep }, Ended { keep: lower }],
            vec![Held, Undecided],
            vec![Held, Undecided, Stands],
            vec![Held, Undecided, Ended { keep: 0 }],
            vec![Held, Undecided, Stands, Ended { keep }],
        ])
    })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let line = prop_oneof![
        prop::sample::select(vec![Line::Good, Line::Cut, Line::Lost]),
        (0..=LATE_SECONDS_MAX).prop_map(Line::Late),
    ];
    let step = prop_oneof![
        4 => (0_usize..4).prop_map(Step::Event),
        2 => Just(Step::Request),
        4 => line.prop_map(Step::Call),
        1 => Just(Step::Echo),
        2 => (0_i64..70).prop_map(Step::Sweep),
    ];
    prop::collection::vec(step, 0..40)
}

fn captures() -> impl Strategy<Value = Capture> {
    prop::sample::select(vec![Capture::ByCall, Capture::ByEvent, Capture::ByCallThenEvent])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn rule19_the_money_ends_where_the_newest_version_says(
        capture in captures(), chain in chains(), steps in steps(), declines in any::<bool>(),
    ) {
        let newest = *chain.last().unwrap();
        let mut world = World::new(capture, chain.clone(), declines);
        for step in &steps {
            world.step(step);
        }
        world.finish();

        let charged = if world.provider.charged { TOTAL } else { 0 };
        let kept = match newest {
            Standing::Held | Standing::Stands | Standing::Undecided => charged,
            Standing::Ended { keep } => keep.min(charged),
        };
        prop_assert_eq!(world.provider.balance(), kept);
        let payment = world.case.payment().clone();
        prop_assert_eq!(payment.charge().map_or(0, |charge| charge.amount), charged);
        prop_assert_eq!(charged - payment.refunded(), kept);
        prop_assert!(world.first_captures <= 1, "a capture begins once");
        let settled = !matches!(payment.state, State::Requested { .. } | State::Refunding { .. });
        prop_assert!(settled, "{payment:?}");
        if newest == Standing::Held && capture != Capture::ByCall {
            prop_assert_eq!(payment.status(), if declines { "declined" } else { "captured" });
        }
        for once in [Transition::Captured, Transition::Declined, Transition::Voided] {
            prop_assert!(world.case.happened.iter().filter(|happened| **happened == once).count() <= 1);
        }

        // Everything once more: nothing moves.
        let happened = world.case.happened.len();
        for index in 0..chain.len() {
            world.event(index);
        }
        world.step(&Step::Echo);
        if matches!(payment.state, State::Unasked { .. }) && newest == Standing::Held {
            prop_assert!(world.request().is_ok(), "only a call begins this one");
        } else {
            world.step(&Step::Request);
            prop_assert_eq!(world.case.payment(), &payment);
            prop_assert!(world.out.is_empty());
        }
        prop_assert_eq!(world.case.happened.len(), happened);
    }

    #[test]
    fn a_refusal_changes_nothing(capture in captures(), chain in chains(), steps in steps()) {
        let mut world = World::new(capture, chain, false);
        for step in &steps {
            world.step(step);
            let before = world.case.working.clone();
            if world.case.request_of(crate::testing::won(TOTAL + 1)).is_err() {
                prop_assert_eq!(&world.case.working, &before);
            } else {
                // Nothing was known yet, so that was the first request, of another total.
                break;
            }
        }
    }
}
