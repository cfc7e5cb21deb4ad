//! Rules 1 and 6: two replicas of reservation on one database race for new buckets and for one key.

use crate::fixture::booking::{day, nights, offering, unique, with};
use crate::fixture::client::Answer;
use crate::fixture::run;
use crate::fixture::separate::Separate;
use futures_util::future::join_all;
use serde_json::json;
use std::collections::BTreeSet;
use testing::Backend;

const PLAN: [(&str, usize); 3] = [("catalog", 1), ("reservation", 2), ("payment", 1)];
/// Days that no row exists for yet.
const DAYS: usize = 60;

fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

#[test]
fn rule_01_two_replicas_race_for_a_bucket_that_has_no_row_yet() {
    run(async {
        let platform = Separate::start(Backend::Postgres, &PLAN, &[]).await;
        let client = platform.client();
        let id = client.publish(&with(offering("nights", 1), json!({ "payment": "none" }))).await;
        // Replicas take turns, so that each pair meets both of them.
        let pair = async |from: usize, to: usize| {
            let wish = |_| nights(&id, &day(from), &day(to));
            let wishes: Vec<_> = (0..2).map(wish).collect();
            join_all(wishes.iter().map(|wish| client.post("/reservations", wish))).await
        };
        for first in 0..DAYS / 2 {
            assert_eq!(statuses(&pair(first, first + 1).await), [201, 409], "{}", day(first));
        }
        // Now all at once, over spans that overlap their neighbors: locks in any other order would meet crosswise.
        let crowds = join_all((DAYS / 2..DAYS).map(|first| pair(first, first + 3))).await;
        let won: Vec<Answer> = crowds.into_iter().flatten().filter(|answer| answer.clone().status == 201).collect();
        assert!(won.len() >= DAYS / 2 / 5, "spans of three nights, of which the neighbors lost two: {}", won.len());
        let free = client.free(&id, &day(0), &day(DAYS + 3)).await;
        let taken = i64::try_from(free.len()).unwrap() - free.iter().sum::<i64>();
        assert_eq!(taken, i64::try_from(DAYS / 2 + 3 * won.len()).unwrap(), "each night sold once");
    });
}

#[test]
fn rule_06_two_replicas_race_for_one_key() {
    run(async {
        let platform = Separate::start(Backend::Postgres, &PLAN, &[]).await;
        let client = platform.client();
        let id = client.publish(&offering("nights", 5)).await;
        let mut cases = BTreeSet::new();
        for first in 0..25 {
            let (wish, key) = (nights(&id, &day(first), &day(first + 1)), unique("key"));
            let settled = async || {
                testing::eventually("the answer", testing::SOON, async || {
                    let answer = client.post_with_key("/reservations", &wish, &key).await;
                    testing::check(answer, |answer| answer.slug() != "in-progress")
                })
                .await
            };
            let (one, other) = tokio::join!(settled(), settled());
            assert_eq!((one.status, &one.body), (201, &other.body));
            assert_eq!(client.free(&id, &day(first), &day(first + 1)).await, [4], "booked once");
            cases.insert(one.id());
        }
        let captured = platform.truth().captures();
        assert_eq!(captured.keys().cloned().collect::<BTreeSet<_>>(), cases);
        assert!(captured.values().all(|count| *count == 1), "{captured:?}");
    });
}
