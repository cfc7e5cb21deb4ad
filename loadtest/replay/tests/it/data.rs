//! The recorded bookings, where they are at hand: `HOTEL_DATA`, or `../shared/data/hotel` beside the workspace.

use replay::{Capacities, Outcome, Plan, differences_to_entry, reference};
use std::env;
use std::path::{Path, PathBuf};

/// The folder of the data; prints that a test is skipped where there is none.
fn folder() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let folder = env::var_os("HOTEL_DATA").map_or_else(|| workspace.join("../shared/data/hotel"), PathBuf::from);
    let found = folder.join("hotels_original.csv.gz").is_file();
    if !found {
        println!("skipped: no recorded bookings in {}", folder.display());
    }
    found.then_some(folder)
}

fn differences(outcome: &Outcome, folder: &Path, name: &str) -> Vec<String> {
    differences_to_entry(outcome, &folder.join("hotel_reference.json"), name).unwrap()
}

#[test]
fn events_derived_from_the_published_file_are_those_that_were_derived_before() {
    let Some(folder) = folder() else { return };
    let original = Plan::read_original(&folder.join("hotels_original.csv.gz")).unwrap();
    let (events, bookings) = (folder.join("hotel_events.csv.gz"), folder.join("hotel_bookings.csv.gz"));
    let derived = Plan::read_derived(&events, &bookings).unwrap();
    assert_eq!((original.bookings().len(), original.events().len()), (119_390, 313_946));
    assert!(original == derived);
}

#[test]
fn decides_as_the_recorded_references() {
    let Some(folder) = folder() else { return };
    let plan = Plan::read_original(&folder.join("hotels_original.csv.gz")).unwrap();
    let realised = reference(&plan, Capacities::REALISED);
    assert_eq!(differences(&realised, &folder, "B_pool_realised_max"), Vec::<String>::new());
    let unlimited = reference(&plan, Capacities { city: u32::MAX, resort: u32::MAX });
    assert_eq!(differences(&unlimited, &folder, "A_unlimited"), Vec::<String>::new());
    let other = differences(&unlimited, &folder, "B_pool_realised_max");
    assert!(other.iter().any(|difference| difference.starts_with("city.rejected: 0, expected 650")), "{other:?}");
    assert!(differences_to_entry(&realised, &folder.join("hotel_reference.json"), "C").is_err());
}
