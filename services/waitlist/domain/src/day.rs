//! The service day: a store's local date, from one opening to the next.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

/// Dates looked back at; a zone that skips a date makes two of them begin at once.
const DATES_BACK_MAX: usize = 3;

/// The local date on which the service day of `now` began. Never goes back as time goes on: a day begins at the first
/// instant that the clock shows `starts_at` (or would, where the clock is put forward over it), and only then.
#[must_use]
pub fn service_day(now: Timestamp, zone: &TimeZone, starts_at: Time) -> Date {
    let today = zone.to_datetime(now).date();
    let mut day = today;
    for _ in 0..DATES_BACK_MAX {
        let begins = day.to_datetime(starts_at).to_zoned(zone.clone()).map(|begin| begin.timestamp());
        if begins.is_ok_and(|begins| begins <= now) {
            return day;
        }
        day = day.yesterday().unwrap_or(day);
    }
    today
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;
    use jiff::civil::time;
    use kernel::time_zone;
    use proptest::prelude::*;

    fn day(now: &str, zone: &str, starts_at: Time) -> String {
        service_day(now.parse().unwrap(), &time_zone(zone).unwrap(), starts_at).to_string()
    }

    #[test]
    fn a_night_belongs_to_the_evening_before() {
        let five = time(5, 0, 0, 0);
        for (now, expected) in [
            ("2026-06-01T19:59:59Z", "2026-06-01"),
            ("2026-06-01T20:00:00Z", "2026-06-02"),
            ("2026-06-01T15:00:00Z", "2026-06-01"),
        ] {
            assert_eq!(day(now, "Asia/Seoul", five), expected, "{now}");
        }
    }

    #[test]
    fn an_hour_told_twice_begins_one_day() {
        // New York tells 01:00 to 02:00 twice: the day begins at the first 01:30.
        let starts_at = time(1, 30, 0, 0);
        for (now, expected) in [
            ("2026-11-01T05:29:59Z", "2026-10-31"),
            ("2026-11-01T05:30:00Z", "2026-11-01"),
            ("2026-11-01T06:10:00Z", "2026-11-01"),
        ] {
            assert_eq!(day(now, "America/New_York", starts_at), expected, "{now}");
        }
        // And it skips 02:00 to 03:00: a day that would begin at 02:30 begins an hour later.
        assert_eq!(day("2026-03-08T07:29:59Z", "America/New_York", time(2, 30, 0, 0)), "2026-03-07");
        assert_eq!(day("2026-03-08T07:30:00Z", "America/New_York", time(2, 30, 0, 0)), "2026-03-08");
        // Samoa had no 30 December 2011, so the day before it goes on until the next one begins.
        assert_eq!(day("2011-12-30T14:00:00Z", "Pacific/Apia", time(5, 0, 0, 0)), "2011-12-29");
        assert_eq!(day("2011-12-30T15:00:00Z", "Pacific/Apia", time(5, 0, 0, 0)), "2011-12-31");
    }

    fn zones() -> Vec<TimeZone> {
        jiff::tz::db().available().filter_map(|name| time_zone(name.as_str())).collect()
    }

    proptest! {
        #[test]
        fn days_never_go_back(
            zone in 0usize..1_000, from in 946_684_800_i64..2_208_988_800, minutes in 0i64..1_440, steps in 1i64..90,
        ) {
            let zones = zones();
            let zone = &zones[zone % zones.len()];
            let starts_at = time((minutes / 60) as i8, (minutes % 60) as i8, 0, 0);
            let mut now = Timestamp::from_second(from).unwrap();
            let mut last = service_day(now, zone, starts_at);
            for _ in 0..200 {
                now += SignedDuration::from_mins(steps);
                let next = service_day(now, zone, starts_at);
                prop_assert!(next >= last, "{} {now}: {next} after {last}", zone.iana_name().unwrap_or("?"));
                last = next;
            }
        }
    }
}
