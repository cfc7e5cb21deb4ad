//! `cargo run -- --demo`: a day in five businesses, and cases that can be followed.

use crate::fixture::embedded::Embedded;
use crate::fixture::run;
use serde_json::Value;
use std::time::Duration;
use testing::{SOON, check, eventually};

const DAY_SECONDS_MAX: f64 = 10.0;

#[test]
fn the_demo_tells_a_day_in_five_businesses() {
    run(async {
        let mut platform = Embedded::demo().await;
        let told = eventually("the day's end", SOON + Duration::from_secs(10), async || {
            check(platform.told(), |told| told.contains("What the hosts see"))
        })
        .await;
        let seconds = told.split("A day in ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
        assert!(seconds.parse::<f64>().unwrap() < DAY_SECONDS_MAX, "{seconds} s");
        let paths: Vec<&str> = told.lines().filter_map(|line| line.trim().strip_prefix("curl -s http://")).collect();
        let path = |line: &str| line[line.find('/').unwrap()..].split(' ').next().unwrap().replace('\\', "");
        let (cases, views): (Vec<String>, Vec<String>) = paths
            .iter()
            .map(|line| path(line))
            .filter(|path| path.starts_with("/history/") || path.starts_with("/dashboard/"))
            .partition(|path| path.starts_with("/history/"));
        assert_eq!((cases.len(), views.len()), (5, 5), "{told}");
        let mut caused = 0;
        for case in cases {
            let history = platform.client().get(&case).await.expect(200);
            let events = history["events"].as_array().unwrap();
            assert!(events.len() >= 4 && events.iter().all(|event| event["time"].is_string()), "{history:?}");
            assert!(events[0]["actor"].is_string(), "a guest began it");
            let is_known = |cause: &Value| events.iter().any(|event| event["id"] == *cause);
            caused += events.iter().filter(|event| is_known(&event["cause"])).count();
        }
        // What a guest or host asked for has no cause but them; what followed from it has.
        assert!(caused >= 5, "{caused}");
        for view in views {
            platform.client().get(&view).await.expect(200);
        }
        platform.stop();
    });
}
