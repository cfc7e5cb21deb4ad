//! The recorded bookings, where they are at hand: derived and decided as the references say.

use replay::{Capacities, Outcome, Plan, differences_to_entry, recorded_data, reference};
use std::path::{Path, PathBuf};

/// The folder of the data; a test without it is skipped, and says so.
fn folder() -> Option<PathBuf> {
    recorded_data().inspect_err(|skipped| println!("{skipped}")).ok()
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
