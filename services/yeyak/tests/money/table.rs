//! The table, each cell with its end as it is meant, not as it is computed.

use crate::world::{DEADLINE_SECONDS, PRICE, World};
use End::{Confirmed, Expired, SoldMeanwhile};
use kernel::LateMoney::{self, HonourIfFree, Refund};
use kernel::OutagePolicy::{Defer, Refuse};
use kernel::PaymentMode::{Prepay, SettleLater};
use kernel::{OutagePolicy, PaymentMode};
use reservation_domain::{Refusal, State};

/// What becomes of the guest whose money it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The price was captured and stays.
    Confirmed,
    /// The price was captured and went back.
    Expired,
    /// The price was captured and went back; another guest has the units.
    SoldMeanwhile,
}

/// What became of the units before the money was heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Units {
    Free,
    /// Another guest holds them, unpaid.
    Held,
    /// Another guest has paid for them.
    Sold,
}

/// Whether the sweep had closed the hold when the money was heard of (rule 12 lets it, ten minutes after the deadline).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    BeforeTheSweep,
    AfterTheSweep,
}

/// When the money was taken: a second before the deadline, at it, a second after it.
const CAPTURED_SECONDS: [i64; 3] = [DEADLINE_SECONDS - 1, DEADLINE_SECONDS, DEADLINE_SECONDS + 1];
const UNITS: [Units; 3] = [Units::Free, Units::Held, Units::Sold];

/// Rows: taken before, at, after the deadline. Columns: units free, held by another, sold.
const TABLE: [(Heard, LateMoney, [[End; 3]; 3]); 4] = [
    // Until the sweep comes the units are the guest's own, so that nobody else gets them.
    (Heard::BeforeTheSweep, Refund, [[Confirmed; 3], [Confirmed; 3], [Expired; 3]]),
    (Heard::BeforeTheSweep, HonourIfFree, [[Confirmed; 3], [Confirmed; 3], [Confirmed; 3]]),
    (Heard::AfterTheSweep, Refund, [[Expired; 3], [Expired; 3], [Expired; 3]]),
    (
        Heard::AfterTheSweep,
        HonourIfFree,
        [
            [Confirmed, SoldMeanwhile, SoldMeanwhile],
            [Confirmed, SoldMeanwhile, SoldMeanwhile],
            [Confirmed, SoldMeanwhile, SoldMeanwhile],
        ],
    ),
];

const MODES: [(PaymentMode, OutagePolicy); 3] = [(SettleLater, Refuse), (Prepay, Refuse), (Prepay, Defer)];
const GUEST: u128 = 1;
const RIVAL: u128 = 2;

struct Cell {
    heard: Heard,
    late_money: LateMoney,
    captured_seconds: i64,
    units: Units,
    mode: (PaymentMode, OutagePolicy),
    /// Payment hears of the reservation's changes in reverse and twice, after it knows of its own money.
    shuffled: bool,
}

/// Another guest wants the units; in vain as long as the first one has them.
fn rival(world: &mut World, cell: &Cell) {
    if cell.units == Units::Free {
        return;
    }
    let answer = world.place(RIVAL);
    match cell.heard {
        Heard::BeforeTheSweep => assert!(matches!(answer, Err(Refusal::SoldOut { .. })), "{answer:?}"),
        Heard::AfterTheSweep => {
            assert!(answer.is_ok(), "{answer:?}");
            if cell.units == Units::Sold {
                world.begin_capture(RIVAL);
                world.captured(RIVAL, world.seconds());
            }
        }
    }
}

fn play(cell: &Cell) -> World {
    let mut world = World::new(cell.mode, cell.late_money);
    world.place(GUEST).unwrap();
    world.begin_capture(GUEST);
    world.shuffle(cell.shuffled);
    match cell.heard {
        Heard::BeforeTheSweep => world.at(DEADLINE_SECONDS + 2),
        Heard::AfterTheSweep => {
            world.at(DEADLINE_SECONDS + 600);
            world.expire(GUEST);
        }
    }
    rival(&mut world, cell);
    world.captured(GUEST, cell.captured_seconds);
    world.deliver();
    world
}

fn end(world: &World) -> End {
    match world.reservation(GUEST).state {
        State::Confirmed => Confirmed,
        State::Expired { undecided: false } => Expired,
        State::Rejected { reason: reservation_domain::Reason::SoldMeanwhile } => SoldMeanwhile,
        other => panic!("not an end: {other:?}"),
    }
}

fn each_cell(mut check: impl FnMut(&Cell, End)) {
    for (heard, late_money, ends) in TABLE {
        for (captured_seconds, ends) in CAPTURED_SECONDS.into_iter().zip(ends) {
            for (units, end) in UNITS.into_iter().zip(ends) {
                for mode in MODES {
                    for shuffled in [false, true] {
                        check(&Cell { heard, late_money, captured_seconds, units, mode, shuffled }, end);
                    }
                }
            }
        }
    }
}

fn name(cell: &Cell) -> String {
    let Cell { heard, late_money, captured_seconds, units, mode, shuffled } = cell;
    format!("{heard:?} {late_money} captured at {captured_seconds} s, units {units:?}, {mode:?}, shuffled {shuffled}")
}

#[test]
fn every_payment_ends_as_the_table_says_and_no_won_is_lost() {
    each_cell(|cell, expected| {
        let world = play(cell);
        assert_eq!(end(&world), expected, "{}", name(cell));
        let gone_back = if expected == Confirmed { 0 } else { PRICE };
        assert_eq!(world.ledger(GUEST), (PRICE, gone_back), "{}", name(cell));
        let is_sold = cell.heard == Heard::AfterTheSweep && cell.units == Units::Sold;
        assert_eq!(world.ledger(RIVAL), (if is_sold { PRICE } else { 0 }, 0), "{}", name(cell));
        world.is_balanced(&name(cell));
    });
}

#[test]
fn whatever_stands_can_be_cancelled_and_its_fee_is_what_stays() {
    each_cell(|cell, expected| {
        let mut world = play(cell);
        for case in [GUEST, RIVAL] {
            world.cancel(case);
        }
        world.deliver();
        let gone_back = if expected == Confirmed { PRICE / 2 } else { PRICE };
        assert_eq!(world.ledger(GUEST), (PRICE, gone_back), "{}", name(cell));
        world.is_balanced(&name(cell));
    });
}

#[test]
fn money_that_never_comes_leaves_nothing() {
    for mode in MODES {
        for late_money in [Refund, HonourIfFree] {
            let mut world = World::new(mode, late_money);
            world.place(GUEST).unwrap();
            world.begin_capture(GUEST);
            world.at(DEADLINE_SECONDS + 600);
            world.expire(GUEST);
            world.not_charged(GUEST);
            world.deliver();
            assert_eq!((world.reservation(GUEST).state.status(), world.ledger(GUEST)), ("expired", (0, 0)));
            assert!(world.place(RIVAL).is_ok(), "the units are free");
            world.is_balanced("nothing came");
        }
    }
}
