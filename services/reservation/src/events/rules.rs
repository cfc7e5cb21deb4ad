//! Rules of booking as they travel, and as this service keeps them.

use contract::catalog::{OpeningV1, RulesV1};
use kernel::{Kind, Opening, Rules, RulesError};

/// The rules that travel with an offering of `kind`.
///
/// # Errors
/// What catalog would not have let through.
pub fn read(wire: &RulesV1, kind: Kind) -> Result<Rules, RulesError> {
    let RulesV1 { opening_hours, minimum_notice_minutes, stay_min, stay_max, buffer_minutes } = wire;
    let opening = |hours: &OpeningV1| Opening::parse(&hours.day, &hours.opens, &hours.closes);
    let rules = Rules {
        opening_hours: opening_hours.iter().map(opening).collect::<Result<_, _>>()?,
        minimum_notice_minutes: *minimum_notice_minutes,
        stay_min: *stay_min,
        stay_max: *stay_max,
        buffer_minutes: *buffer_minutes,
    };
    rules.checked(kind)
}

/// The reverse of [`read`]; nothing where nothing is ruled.
pub fn written(rules: &Rules) -> Option<RulesV1> {
    let Rules { opening_hours, minimum_notice_minutes, stay_min, stay_max, buffer_minutes } = rules;
    let opening = |hours: &Opening| {
        let (day, opens, closes) = hours.texts();
        OpeningV1 { day: day.to_owned(), opens, closes }
    };
    let wire = RulesV1 {
        opening_hours: opening_hours.iter().map(opening).collect(),
        minimum_notice_minutes: *minimum_notice_minutes,
        stay_min: *stay_min,
        stay_max: *stay_max,
        buffer_minutes: *buffer_minutes,
    };
    (wire != RulesV1::default()).then_some(wire)
}
