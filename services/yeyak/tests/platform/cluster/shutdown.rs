//! The end of a pod, as its callers see it.

use crate::fixture::booking::{offering, seats, with};
use crate::fixture::run;
use crate::fixture::separate::{ONE_EACH, Separate};
use serde_json::json;
use testing::{Backend, SOON, check, eventually};
use tokio::time::timeout;

#[test]
fn r18_a_pod_that_is_told_to_end_says_so_and_answers_what_it_has_begun() {
    run(async {
        let mut platform = Separate::start(Backend::Sqlite, &ONE_EACH, &[]).await;
        let client = platform.client().clone();
        let id = client.publish(&offering("seats", 5)).await;
        let wish = with(seats(&id, 1), json!({ "payment_method": "card-slow" }));
        let guest = tokio::spawn({
            let client = client.clone();
            async move { client.post("/reservations", &wish).await }
        });
        eventually("a booking in flight", SOON, async || {
            check(client.free(&id, "2027-01-01", "2027-01-02").await, |free| *free == [4])
        })
        .await;
        let ready = format!("{}/readyz", client.doors()["reservation"][0].admin);
        let operator = tokio::spawn({
            let client = client.clone();
            async move {
                loop {
                    let asked = client.fetch(&ready).await;
                    if let Some(refused) = asked.ok().filter(|answer| answer.status == 503) {
                        return refused;
                    }
                }
            }
        });
        platform.term("reservation");
        let refused = timeout(SOON, operator).await.expect("not ready").unwrap().refused(503, "not-ready");
        assert_eq!(refused["failing"], json!({ "draining": "shutting down" }));
        let answered = guest.await.unwrap().expect(201);
        assert_eq!(answered.headers["connection"], "close");
        platform.stop();
    });
}
