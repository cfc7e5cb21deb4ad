//! Bad input of what is only read: payments, messages, views, and paths that lead nowhere.

use super::{Bad, all_refused};
use crate::fixture::run;
use crate::fixture::shared;
use uuid::Uuid;

fn ask(path: impl Into<String>, status: u16) -> Bad {
    Bad::new("GET", path, status)
}

#[test]
fn a_question_that_cannot_be_is_refused() {
    run(async {
        let client = shared().await.client;
        let mut all = vec![
            ask("/payments", 400),
            ask("/payments?reservation_id=first", 400),
            ask(format!("/payments?reservation_id={}&odd=1", Uuid::new_v4()), 400),
            ask("/notifications", 400),
            ask("/notifications?recipient=", 422),
            ask("/history/first", 400),
            ask(format!("/history/{}", Uuid::new_v4()), 404),
        ];
        for list in ["/notifications?recipient=mina", "/dashboard/offerings?business=b", "/dashboard/guests/mina?"] {
            all.push(ask(format!("{list}&limit=0"), 422));
            all.push(ask(format!("{list}&limit=201"), 422));
            all.push(ask(format!("{list}&limit=-1"), 422));
            all.push(ask(format!("{list}&limit=many"), 400));
            all.push(ask(format!("{list}&limit=99999999999999999999"), 400));
            all.push(ask(format!("{list}&cursor=%27%3B--"), 400));
            all.push(ask(format!("{list}&cursor=%ff"), 400));
            all.push(ask(format!("{list}&odd=1"), 400));
        }
        let long = "x".repeat(1_000);
        for view in ["guests", "businesses"] {
            all.push(ask(format!("/dashboard/{view}/%ff"), 400));
            all.push(ask(format!("/dashboard/{view}/%00"), 400));
            all.push(ask(format!("/dashboard/{view}/{long}"), 422));
        }
        all_refused(&client, all).await;
    });
}

#[test]
fn what_is_not_offered_is_refused() {
    run(async {
        let client = shared().await.client;
        let mut all = vec![ask("/", 404), ask("/nothing", 404), ask("/payments/first", 404), ask("/dashboard", 404)];
        // Money is asked for inside, never at the entry.
        all.push(Bad::new("POST", "/payments", 404));
        for path in ["/notifications", "/dashboard/offerings", "/dashboard/guests/mina", "/dashboard/businesses/b"] {
            all.extend(["POST", "PUT", "PATCH", "DELETE"].map(|method| Bad::new(method, path, 405)));
        }
        // Neither metrics nor parked events are for guests.
        all.extend(["/metrics", "/readyz", "/parked", "/rebuild"].map(|path| ask(path, 404)));
        all_refused(&client, all).await;
    });
}
