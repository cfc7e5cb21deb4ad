//! When and for how long an offering may be booked.

use crate::Kind;
use crate::span::BUCKETS_MAX;
use jiff::civil::Weekday;
use thiserror::Error;

/// Minutes of a day of 24 hours.
pub(crate) const DAY_MINUTES: u16 = 1_440;
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// What can be wrong with an offering's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RulesError {
    #[error("only `nights` and `slots` have rules")]
    Kind,
    #[error("`opening_hours` belong to `slots`")]
    OpeningHoursKind,
    #[error("`buffer_minutes` belongs to `slots`")]
    BufferKind,
    #[error("at most {} opening hours", Opening::COUNT_MAX)]
    TooManyOpenings,
    #[error("a day is `mon`, `tue`, `wed`, `thu`, `fri`, `sat` or `sun`")]
    Day,
    #[error("a time of day is `HH:MM`, from 00:00 to 24:00")]
    Time,
    #[error("opening hours close after they open")]
    ClosesFirst,
    #[error("opening hours of one day overlap")]
    Overlap,
    #[error("`minimum_notice_minutes` is 0 to {}", Rules::NOTICE_MINUTES_MAX)]
    Notice,
    #[error("`stay_min` and `stay_max` are 1 to {BUCKETS_MAX}, the first not above the second")]
    Stay,
    #[error("`buffer_minutes` is 0 to {}", Rules::BUFFER_MINUTES_MAX)]
    Buffer,
}

/// Opening hours of one weekday, by the local clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    day: Weekday,
    /// Minutes since local midnight.
    opens: u16,
    /// After `opens`, up to 1,440.
    closes: u16,
}

impl Opening {
    /// Most opening hours of one offering.
    pub const COUNT_MAX: usize = 56;

    /// Reads a day such as `mon` and two times such as `09:00`.
    ///
    /// # Errors
    /// [`RulesError::Day`], [`RulesError::Time`] or [`RulesError::ClosesFirst`].
    pub fn parse(day: &str, opens: &str, closes: &str) -> Result<Self, RulesError> {
        let (_, day) = DAYS.into_iter().find(|(word, _)| *word == day).ok_or(RulesError::Day)?;
        let (opens, closes) = (minute(opens).ok_or(RulesError::Time)?, minute(closes).ok_or(RulesError::Time)?);
        if opens < closes { Ok(Self { day, opens, closes }) } else { Err(RulesError::ClosesFirst) }
    }

    #[must_use]
    pub const fn day(&self) -> Weekday {
        self.day
    }

    /// Local seconds since midnight at which it opens and closes.
    #[must_use]
    pub fn seconds(&self) -> (i64, i64) {
        (i64::from(self.opens) * 60, i64::from(self.closes) * 60)
    }

    /// The day and both times, as [`Opening::parse`] reads them.
    #[must_use]
    pub fn texts(&self) -> (&'static str, String, String) {
        let word = DAYS.into_iter().find(|(_, day)| *day == self.day).map_or("mon", |(word, _)| word);
        (word, time_text(self.opens), time_text(self.closes))
    }

    fn place(&self) -> (i8, u16) {
        (self.day.to_monday_zero_offset(), self.opens)
    }
}

/// The minute of the day that `HH:MM` names, up to `24:00`.
pub(crate) fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| {
        (part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_digit())).then(|| part.parse::<u16>().ok())?
    };
    let (hour, minute) = (two(hour)?, two(minute).filter(|minute| *minute < 60)?);
    Some(hour * 60 + minute).filter(|minute| *minute <= DAY_MINUTES)
}

pub(crate) fn time_text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// When and for how long an offering may be booked; what is absent forbids nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Local hours in which a whole slot must lie, by weekday and time; none means always.
    pub opening_hours: Vec<Opening>,
    /// Real minutes between the booking and the start of its first bucket.
    pub minimum_notice_minutes: Option<i64>,
    /// Fewest buckets of a booking.
    pub stay_min: Option<i64>,
    /// Most buckets of a booking.
    pub stay_max: Option<i64>,
    /// Real minutes that a unit stays free between two bookings.
    pub buffer_minutes: Option<i64>,
}

impl Rules {
    /// Ten years.
    pub const NOTICE_MINUTES_MAX: i64 = 5_256_000;
    /// A day.
    pub const BUFFER_MINUTES_MAX: i64 = 1_440;

    /// Sorts the opening hours and checks everything that an offering of `kind` may be ruled by.
    ///
    /// # Errors
    /// Each [`RulesError`] names its rule.
    pub fn checked(mut self, kind: Kind) -> Result<Self, RulesError> {
        match kind {
            Kind::Slots => {}
            Kind::Nights if !self.opening_hours.is_empty() => return Err(RulesError::OpeningHoursKind),
            Kind::Nights if self.buffer_minutes.is_some() => return Err(RulesError::BufferKind),
            Kind::Nights => {}
            Kind::Seats | Kind::Line if self == Self::default() => return Ok(self),
            Kind::Seats | Kind::Line => return Err(RulesError::Kind),
        }
        if self.opening_hours.len() > Opening::COUNT_MAX {
            return Err(RulesError::TooManyOpenings);
        }
        self.opening_hours.sort_by_key(Opening::place);
        if self.opening_hours.windows(2).any(|pair| matches!(pair, [a, b] if a.day == b.day && b.opens < a.closes)) {
            return Err(RulesError::Overlap);
        }
        let within = |value: Option<i64>, least, most| value.is_none_or(|value| (least..=most).contains(&value));
        let buckets_max = i64::try_from(BUCKETS_MAX).unwrap_or(i64::MAX);
        if !within(self.minimum_notice_minutes, 0, Self::NOTICE_MINUTES_MAX) {
            return Err(RulesError::Notice);
        }
        let (stay_min, stay_max) = (self.stay_min.unwrap_or(1), self.stay_max.unwrap_or(buckets_max));
        if stay_min < 1 || stay_max > buckets_max || stay_min > stay_max {
            return Err(RulesError::Stay);
        }
        if !within(self.buffer_minutes, 0, Self::BUFFER_MINUTES_MAX) {
            return Err(RulesError::Buffer);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(day: &str, opens: &str, closes: &str) -> Opening {
        Opening::parse(day, opens, closes).unwrap()
    }

    fn hours(opening_hours: &[Opening]) -> Rules {
        Rules { opening_hours: opening_hours.to_vec(), ..Rules::default() }
    }

    #[test]
    fn opening_hours_read_back_as_they_were_written() {
        for (day, _) in DAYS {
            assert_eq!(open(day, "00:00", "24:00").texts(), (day, "00:00".into(), "24:00".into()));
        }
        assert_eq!(open("mon", "09:05", "18:30").seconds(), (9 * 3600 + 300, 18 * 3600 + 1800));
        for odd in ["", "9:00", "09:60", "24:01", "25:00", "09:00:00", "+9:00", "0９:00", "09.00", "-1:00"] {
            assert_eq!(Opening::parse("mon", odd, "24:00"), Err(RulesError::Time), "{odd}");
        }
        assert_eq!(Opening::parse("Mon", "09:00", "18:00"), Err(RulesError::Day));
        for closes in ["09:00", "08:59", "00:00"] {
            assert_eq!(Opening::parse("mon", "09:00", closes), Err(RulesError::ClosesFirst));
        }
    }

    #[test]
    fn opening_hours_are_sorted_and_may_touch_but_not_overlap() {
        let (late, early) = (open("tue", "12:00", "18:00"), open("tue", "09:00", "12:00"));
        let monday = open("mon", "13:00", "14:00");
        let checked = hours(&[late, early, monday]).checked(Kind::Slots).unwrap();
        assert_eq!(checked.opening_hours, [monday, early, late]);
        let over = open("tue", "11:59", "13:00");
        assert_eq!(hours(&[over, early]).checked(Kind::Slots), Err(RulesError::Overlap));
        assert_eq!(hours(&[early, early]).checked(Kind::Slots), Err(RulesError::Overlap));
        assert_eq!(hours(&[monday; 57]).checked(Kind::Slots), Err(RulesError::TooManyOpenings));
    }

    #[test]
    fn each_bound_is_named() {
        let rules = Rules::default;
        for (rules, fault) in [
            (Rules { minimum_notice_minutes: Some(-1), ..rules() }, RulesError::Notice),
            (Rules { minimum_notice_minutes: Some(5_256_001), ..rules() }, RulesError::Notice),
            (Rules { stay_min: Some(0), ..rules() }, RulesError::Stay),
            (Rules { stay_min: Some(401), ..rules() }, RulesError::Stay),
            (Rules { stay_max: Some(0), ..rules() }, RulesError::Stay),
            (Rules { stay_max: Some(401), ..rules() }, RulesError::Stay),
            (Rules { stay_min: Some(3), stay_max: Some(2), ..rules() }, RulesError::Stay),
            (Rules { buffer_minutes: Some(-1), ..rules() }, RulesError::Buffer),
            (Rules { buffer_minutes: Some(1_441), ..rules() }, RulesError::Buffer),
        ] {
            assert_eq!(rules.checked(Kind::Slots), Err(fault));
        }
        let full = Rules { minimum_notice_minutes: Some(5_256_000), stay_min: Some(1), stay_max: Some(400), ..rules() };
        assert_eq!(full.clone().checked(Kind::Nights), Ok(full));
    }

    #[test]
    fn a_kind_has_the_rules_that_mean_something_to_it() {
        let open = hours(&[open("mon", "09:00", "18:00")]);
        let buffer = Rules { buffer_minutes: Some(0), ..Rules::default() };
        assert_eq!(open.checked(Kind::Nights), Err(RulesError::OpeningHoursKind));
        assert_eq!(buffer.clone().checked(Kind::Nights), Err(RulesError::BufferKind));
        for kind in [Kind::Seats, Kind::Line] {
            assert_eq!(Rules::default().checked(kind), Ok(Rules::default()));
            assert_eq!(buffer.clone().checked(kind), Err(RulesError::Kind));
        }
    }
}
