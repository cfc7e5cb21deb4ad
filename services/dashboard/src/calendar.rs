//! Local days as numbers, days since 1970: what a stay touches, whatever its kind counts.

use contract::catalog::OpeningV1;
use jiff::civil::{Date, DateTime, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use kernel::{BUCKETS_MAX, day_starts_at, parse_bucket_date, slots_between, time_zone};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// No stay touches more days: it has at most 400 buckets, none longer than a day.
pub const STAY_DAYS_MAX: i64 = BUCKETS_MAX as i64 + 2;
/// Most slots of a day: of five minutes, in a day of 25 hours.
const SLOTS_MAX: usize = 300;
/// When a service day begins, unless a store says so.
const DAY_BEGINS: &str = "05:00";

const EPOCH: Date = date(1970, 1, 1);

/// The number of a day.
pub fn number(day: Date) -> i64 {
    EPOCH.until(day).map_or(0, |span| i64::from(span.get_days()))
}

/// The day of a number.
pub fn day(number: i64) -> Option<Date> {
    EPOCH.checked_add(i32::try_from(number).ok()?.days()).ok()
}

/// The local day of an instant.
pub fn local(instant: &str, timezone: &str) -> Option<i64> {
    let at: Timestamp = instant.parse().ok()?;
    Some(number(time_zone(timezone)?.to_datetime(at).date()))
}

/// The days that a stay touches: its nights, or the local days on which it takes place.
pub fn stay(kind: &str, from: &str, to: Option<&str>, timezone: &str) -> Option<Range<i64>> {
    if kind == "nights" {
        return Some(number(parse_bucket_date(from)?)..number(parse_bucket_date(to?)?));
    }
    let first = local(from, timezone)?;
    // What ends at midnight takes nothing of the day that begins then.
    let last = match to {
        Some(to) => to.parse::<Timestamp>().ok()?.checked_sub(1.nanosecond()).ok()?,
        None => return Some(first..first + 1),
    };
    Some(first..number(time_zone(timezone)?.to_datetime(last).date()) + 1)
}

/// The local date on which the service day of a moment began.
pub fn service_day(now: Timestamp, timezone: &str, begins: Option<&str>) -> Option<String> {
    let here = time_zone(timezone)?.to_datetime(now);
    let begins = minutes(begins.unwrap_or(DAY_BEGINS))?;
    let day = if minute_of_day(here) < begins { here.date().yesterday().ok()? } else { here.date() };
    Some(day.to_string())
}

/// How many slots of a stay begin on each local day, if their length is known.
pub fn slots_by_day(span: (&str, &str), slot_minutes: i64, timezone: &str) -> Option<BTreeMap<i64, i64>> {
    let zone = time_zone(timezone)?;
    let slots = slots_between(span.0.parse().ok()?, span.1.parse().ok()?, slot_minutes, &zone, BUCKETS_MAX).ok()?;
    let mut days = BTreeMap::new();
    for slot in slots {
        let at = Timestamp::from_second(slot.0).ok()?;
        *days.entry(number(zone.to_datetime(at).date())).or_default() += 1;
    }
    Some(days)
}

/// The slots that an offering has on each day.
pub struct Grid {
    zone: TimeZone,
    slot_minutes: i64,
    hours: Vec<OpeningV1>,
    /// Days of 24 hours have as many as any other of their weekday.
    usual: HashMap<Weekday, i64>,
}

impl Grid {
    /// None of hours means always open.
    pub fn new(timezone: &str, slot_minutes: i64, hours: Vec<OpeningV1>) -> Option<Self> {
        Some(Self { zone: time_zone(timezone)?, slot_minutes, hours, usual: HashMap::new() })
    }

    /// How many there are on a day.
    pub fn slots(&mut self, day: Date) -> i64 {
        let (opens, closes) =
            (day_starts_at(day, &self.zone), day.tomorrow().ok().and_then(|next| day_starts_at(next, &self.zone)));
        let (Some(opens), Some(closes)) = (opens, closes) else { return 0 };
        if opens.duration_until(closes) != SignedDuration::from_hours(24) {
            return self.count(day, opens, closes);
        }
        if let Some(known) = self.usual.get(&day.weekday()) {
            return *known;
        }
        let count = self.count(day, opens, closes);
        self.usual.insert(day.weekday(), count);
        count
    }

    fn count(&self, day: Date, opens: Timestamp, closes: Timestamp) -> i64 {
        let slots = slots_between(opens, closes, self.slot_minutes, &self.zone, SLOTS_MAX).unwrap_or_default();
        let open = slots.iter().filter(|slot| self.is_open(day, slot.0)).count();
        i64::try_from(open).unwrap_or(i64::MAX)
    }

    /// Whether the whole of a slot lies in opening hours.
    fn is_open(&self, day: Date, begins: i64) -> bool {
        let local = |second| Timestamp::from_second(second).ok().map(|at| self.zone.to_datetime(at));
        let (Some(begins), Some(ends)) = (local(begins), local(begins + self.slot_minutes * 60)) else { return false };
        let ends = if ends.date() > day { 24 * 60 } else { minute_of_day(ends) };
        let is_within = |hours: &OpeningV1| {
            hours.day == weekday(day)
                && minutes(&hours.opens).is_some_and(|opens| opens <= minute_of_day(begins))
                && minutes(&hours.closes).is_some_and(|closes| ends <= closes)
        };
        self.hours.is_empty() || self.hours.iter().any(is_within)
    }
}

fn weekday(day: Date) -> &'static str {
    match day.weekday() {
        Weekday::Monday => "mon",
        Weekday::Tuesday => "tue",
        Weekday::Wednesday => "wed",
        Weekday::Thursday => "thu",
        Weekday::Friday => "fri",
        Weekday::Saturday => "sat",
        Weekday::Sunday => "sun",
    }
}

fn minute_of_day(at: DateTime) -> i64 {
    i64::from(at.hour()) * 60 + i64::from(at.minute())
}

/// The minutes since midnight of `HH:MM`.
fn minutes(clock: &str) -> Option<i64> {
    let (hours, minutes) = clock.split_once(':')?;
    Some(hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(kind: &str, from: &str, to: Option<&str>, timezone: &str) -> Vec<String> {
        stay(kind, from, to, timezone).unwrap().map(|number| day(number).unwrap().to_string()).collect()
    }

    #[test]
    fn a_stay_touches_its_nights_or_its_local_days() {
        assert_eq!(days("nights", "2027-02-27", Some("2027-03-01"), "Asia/Seoul"), ["2027-02-27", "2027-02-28"]);
        let seoul = "Asia/Seoul";
        // 23:00 until midnight in Seoul, and until one in the morning.
        let evening = "2027-05-01T14:00:00Z";
        assert_eq!(days("slots", evening, Some("2027-05-01T15:00:00Z"), seoul), ["2027-05-01"]);
        assert_eq!(days("slots", evening, Some("2027-05-01T16:00:00Z"), seoul), ["2027-05-01", "2027-05-02"]);
        assert_eq!(days("seats", evening, None, "Pacific/Auckland"), ["2027-05-02"]);
        assert_eq!(days("nights", "1969-12-31", Some("1970-01-01"), seoul), ["1969-12-31"]);
        assert_eq!(stay("slots", "soon", None, seoul), None);
        assert_eq!(stay("seats", evening, None, "Nowhere"), None);
    }

    #[test]
    fn a_service_day_begins_when_the_store_says() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // 04:59 and 05:00 in Seoul.
        assert_eq!(service_day(at("2027-05-01T19:59:00Z"), "Asia/Seoul", None).unwrap(), "2027-05-01");
        assert_eq!(service_day(at("2027-05-01T20:00:00Z"), "Asia/Seoul", None).unwrap(), "2027-05-02");
        assert_eq!(service_day(at("2027-05-01T15:00:00Z"), "Asia/Seoul", Some("00:00")).unwrap(), "2027-05-02");
    }

    #[test]
    fn slots_count_for_the_local_day_on_which_they_begin() {
        let days = slots_by_day(("2027-05-01T13:00:00Z", "2027-05-01T17:00:00Z"), 60, "Asia/Seoul").unwrap();
        assert_eq!(days.into_values().collect::<Vec<_>>(), [2, 2]);
    }

    #[test]
    fn a_grid_has_the_slots_that_lie_in_opening_hours() {
        let hours = |day: &str, opens: &str, closes: &str| OpeningV1 {
            day: day.into(),
            opens: opens.into(),
            closes: closes.into(),
        };
        let mut always = Grid::new("Europe/Berlin", 60, Vec::new()).unwrap();
        // The clocks go forward, go back, and stay.
        let found = [date(2027, 3, 28), date(2027, 10, 31), date(2027, 5, 1)].map(|day| always.slots(day));
        assert_eq!(found, [23, 25, 24]);
        let weekend = vec![hours("sat", "09:30", "12:00"), hours("sat", "22:00", "24:00")];
        let mut weekend = Grid::new("Europe/Berlin", 60, weekend).unwrap();
        // 10, 11, 22 and 23 o'clock on a Saturday, and nothing on a Sunday.
        let found = [date(2027, 5, 1), date(2027, 5, 8), date(2027, 5, 2)].map(|day| weekend.slots(day));
        assert_eq!(found, [4, 4, 0]);
    }
}
