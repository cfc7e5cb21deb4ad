//! Whole seasons of hotel bookings: every decision of the platform is the one that a reference in memory takes.

use crate::fixture::run;
use crate::fixture::shared;
use replay::{Capacities, Config, Payment, Plan, differences, recorded_data, reference};

/// Enough to sell out a third of the rooms again and again.
const EVENTS: usize = 5_000;
/// Fewer would say little about what is decided where rooms are short.
const REFUSALS_MIN: u32 = 100;

/// Replays on both hotels with a third of their rooms.
async fn decides_as_the_reference(plan: &Plan, payment: Payment) {
    let platform = shared().await;
    let entry = &platform.client.doors()["reservation"][0].public;
    let config = Config { capacities: Capacities::REALISED.divided(3), payment, ..Config::entry(entry) };
    let expected = reference(plan, config.capacities);
    let refused: u32 = expected.figures.values().map(|hotel| hotel.rejected).sum();
    assert!(refused >= REFUSALS_MIN, "the rooms must sell out: {:?}", expected.figures);
    let outcome = replay::run(&config, plan, |_| ()).await.unwrap();
    assert_eq!(differences(&outcome, &expected), Vec::<String>::new());
}

#[test]
fn a_generated_season_is_decided_as_in_memory() {
    run(async { decides_as_the_reference(&Plan::generated(1, EVENTS), Payment::SettleLater).await });
}

#[test]
fn the_recorded_bookings_are_decided_as_in_memory() {
    let folder = match recorded_data() {
        Ok(folder) => folder,
        Err(skipped) => return println!("{skipped}"),
    };
    let plan = Plan::read_original(&folder.join("hotels_original.csv.gz")).unwrap().limited(EVENTS);
    run(async { decides_as_the_reference(&plan, Payment::None).await });
}
