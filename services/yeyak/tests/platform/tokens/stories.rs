//! What guests and hosts live through with tokens: a booking, and an issuer that is away.

use super::world::book;
use super::{begun, platform};
use crate::fixture::alone;
use crate::fixture::booking::{day, nights, offering, with};
use serde_json::{Value, json};
use testing::{Issuer, Principal, SOON, check, eventually};

#[test]
fn r17_a_prepaid_booking_goes_through_with_tokens() {
    alone(async {
        let Some(issuer) = Issuer::start().await else { return };
        let platform = platform(&issuer, &[]).await;
        let log_in = async |principal: Principal| platform.client().showing(&issuer.token(&principal).await);
        let (mina, jun) = (log_in(Principal::guest("mina")).await, log_in(Principal::guest("jun")).await);
        let host = log_in(Principal::host("bora", &["seaside"])).await;
        let room = host.publish(&with(offering("nights", 2), json!({ "business": "seaside" }))).await;
        let wish = with(nights(&room, &day(1), &day(3)), json!({ "guest_id": "mina" }));
        // Whoever books for another's name is told before anything is held.
        jun.post("/reservations", &wish).await.refused(403, "not-yours");
        let id = book(&mina, &wish).await;
        let of_payments = format!("/payments?reservation_id={id}");
        let paid = eventually("whose payment it is", SOON, async || {
            check(mina.get(&of_payments).await.expect(200), |page| page["payments"][0].is_object())
        });
        let paid = paid.await;
        assert_eq!(
            (&paid["payments"][0]["status"], &paid["payments"][0]["captured"]),
            (&json!("captured"), &json!(240_000))
        );
        let told = eventually("the host to hear of it", SOON, async || {
            check(host.get("/notifications?recipient=seaside").await.expect(200), |page| {
                page["notifications"].as_array().is_some_and(|all| !all.is_empty())
            })
        });
        assert_eq!(told.await["notifications"][0]["role"], "host");
        jun.cancel(&id).await.refused(403, "not-yours");
        host.cancel(&id).await.expect(200);
        let refunded = eventually("the money back", SOON, async || {
            check(mina.get(&of_payments).await.expect(200), |page| page["payments"][0]["status"] == "refunded")
        });
        assert_eq!(refunded.await["payments"][0]["refunded"], 240_000);
        let history = eventually("the whole case", SOON, async || {
            check(mina.get(&format!("/history/{id}")).await, |page| events(page).len() >= 5)
        });
        let history = history.await;
        let actor = |kind: &str| events(&history).iter().find(|event| event["type"] == kind).unwrap()["actor"].clone();
        assert_eq!(actor("reservation.held.v1"), "mina");
        assert_eq!(actor("reservation.cancelled.v1"), "bora");
    });
}

fn events(page: &crate::fixture::client::Answer) -> Vec<Value> {
    page["events"].as_array().cloned().unwrap_or_default()
}

#[test]
fn r17_an_issuer_that_is_away_takes_nobody_out_who_is_known() {
    alone(async {
        let Some(mut issuer) = Issuer::start().await else { return };
        let token = issuer.token(&Principal::guest("mina")).await;
        let unseen = issuer.token(&Principal::guest("mina").signed_by("EdDSA")).await;
        issuer.stop();
        let platform = begun(&issuer, &[]).await;
        let (anybody, mina) = (platform.client(), platform.client().showing(&token));
        // Who can verify nobody's token does not take the place of who can.
        let admin = anybody.admins().remove(0);
        let waiting = anybody.fetch(&format!("{admin}/readyz")).await.unwrap().refused(503, "not-ready");
        for missing in ["issuer", "reservation token", "waitlist token"] {
            assert!(waiting.body["failing"][missing].is_string(), "{:#}", waiting.body);
        }
        anybody.get("/offerings").await.expect(200);
        let own = "/dashboard/guests/mina";
        let refused = mina.get(own).await.refused(503, "issuer-unavailable");
        assert!(refused.retry_after().is_some_and(|seconds| (1..=3).contains(&seconds)), "{:?}", refused.headers);
        anybody.get(own).await.refused(401, "unauthenticated");
        issuer.restart().await;
        eventually("the keys", SOON, async || check(mina.get(own).await, |answer| answer.status == 200)).await;
        platform.until_ready().await;
        issuer.stop();
        anybody.fetch(&format!("{admin}/readyz")).await.unwrap().expect(200);
        mina.get(own).await.expect(200);
        // Its keys are known, though nobody has shown this one before.
        anybody.showing(&unseen).get(own).await.expect(200);
    });
}
