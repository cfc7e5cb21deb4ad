//! Local days as numbers, days since 1970: what a stay touches, whatever its kind counts.

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use kernel::{parse_bucket_date, time_zone};
use std::ops::Range;

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
}
