//! How an offering's time is cut into what is counted.

use crate::draft::Draft;
use crate::terms::Invalid;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::{Kind, YEAR_MAX, YEAR_MIN};

/// Shortest and longest slot; a slot also divides a day, so that the grid of every day is the same.
pub const SLOT_MINUTES_MIN: i64 = 5;
pub const SLOT_MINUTES_MAX: i64 = 1_440;

/// How an offering's time is cut into buckets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bookable {
    Nights,
    Slots {
        /// A divisor of a day's 1,440, at least [`SLOT_MINUTES_MIN`].
        minutes: i64,
    },
    Seats {
        /// Whole seconds.
        starts_at: Timestamp,
    },
    /// Walk-in parties; nothing is reserved ahead.
    Line,
}

impl Bookable {
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Nights => Kind::Nights,
            Self::Slots { .. } => Kind::Slots,
            Self::Seats { .. } => Kind::Seats,
            Self::Line => Kind::Line,
        }
    }

    pub(crate) fn parse(draft: &Draft, zone: &TimeZone) -> Result<Self, Invalid> {
        let kind: Kind = draft.kind.parse().map_err(Invalid::Kind)?;
        if (kind == Kind::Slots) != draft.slot_minutes.is_some() {
            return Err(Invalid::SlotMinutes);
        }
        if (kind == Kind::Seats) != draft.starts_at.is_some() {
            return Err(Invalid::StartsAt);
        }
        match kind {
            Kind::Nights => Ok(Self::Nights),
            Kind::Slots => draft
                .slot_minutes
                .filter(|minutes| (SLOT_MINUTES_MIN..=SLOT_MINUTES_MAX).contains(minutes))
                .filter(|minutes| SLOT_MINUTES_MAX % minutes == 0)
                .map(|minutes| Self::Slots { minutes })
                .ok_or(Invalid::SlotMinutes),
            Kind::Seats => draft
                .starts_at
                .as_deref()
                .and_then(|text| text.parse().ok())
                .filter(|at: &Timestamp| at.subsec_nanosecond() == 0)
                .filter(|at| (YEAR_MIN..=YEAR_MAX).contains(&zone.to_datetime(*at).year()))
                .map(|starts_at| Self::Seats { starts_at })
                .ok_or(Invalid::StartsAt),
            Kind::Line => Ok(Self::Line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{draft, refused, terms};

    #[test]
    fn a_slot_divides_the_day() {
        let slots = |minutes| Draft { kind: "slots".into(), slot_minutes: Some(minutes), ..draft() };
        for minutes in [5, 6, 30, 45, 60, 90, 480, 720, 1_440] {
            assert_eq!(terms(slots(minutes)).bookable, Bookable::Slots { minutes });
        }
        for minutes in [i64::MIN, -60, 0, 1, 4, 7, 50, 100, 1_439, 1_441, 2_880, i64::MAX] {
            assert_eq!(refused(slots(minutes)), Invalid::SlotMinutes, "{minutes}");
        }
    }

    #[test]
    fn a_performance_starts_at_a_whole_second_of_a_bookable_year() {
        let seats = |at: &str| Draft { kind: "seats".into(), starts_at: Some(at.into()), ..draft() };
        let starts_at = "2026-12-24T10:30:00Z".parse().unwrap();
        assert_eq!(terms(seats("2026-12-24T19:30:00+09:00")).bookable, Bookable::Seats { starts_at });
        // The year counts where the stage stands: it is 1900 in Seoul nine hours before it is in Greenwich.
        terms(seats("1899-12-31T15:40:00Z"));
        for at in [
            "",
            "soon",
            "2026-12-24",
            "2026-12-24T19:30:00",
            "2026-12-24T19:30:00.5Z",
            "1899-12-31T15:00:00Z",
            "2200-12-31T15:00:00Z",
        ] {
            assert_eq!(refused(seats(at)), Invalid::StartsAt, "{at}");
        }
    }

    #[test]
    fn what_belongs_to_one_kind_is_of_no_other() {
        for kind in ["nights", "line", "seats"] {
            let starts_at = (kind == "seats").then(|| "2026-12-24T10:30:00Z".to_owned());
            let odd = Draft { kind: kind.into(), slot_minutes: Some(60), starts_at, ..draft() };
            assert_eq!(refused(odd), Invalid::SlotMinutes, "{kind}");
        }
        for kind in ["nights", "line", "slots"] {
            let slot_minutes = (kind == "slots").then_some(60);
            let starts_at = Some("2026-12-24T10:30:00Z".into());
            assert_eq!(refused(Draft { kind: kind.into(), slot_minutes, starts_at, ..draft() }), Invalid::StartsAt);
        }
        assert_eq!(refused(Draft { kind: "slots".into(), ..draft() }), Invalid::SlotMinutes);
        assert_eq!(refused(Draft { kind: "seats".into(), ..draft() }), Invalid::StartsAt);
        assert!(matches!(refused(Draft { kind: "Nights".into(), ..draft() }), Invalid::Kind(_)));
    }
}
