//! Who may do what here: every endpoint, asked by everybody.

use crate::fixture::{Stage, held, wish};
use axum::http::StatusCode;
use contract::reservation::ReservationEvent;
use serde_json::json;
use testing::{ask_as, cast, cell};
use uuid::Uuid;

testing::on_every_backend! {
    async fn a_payment_is_read_by_its_guest_its_host_and_operators(db: Db) {
        let stage = Stage::set(&db).await;
        let (known, unheard) = (held("by_call", "card-ok"), Uuid::now_v7());
        stage.tell_and_wait(ReservationEvent::Held(known.clone())).await;
        stage.replica.capture(known.reservation_id, "card-ok").await;
        stage.replica.capture(unheard, "card-ok").await;
        let path = |id| format!("/payments?reservation_id={id}");
        for (caller, expected) in cast("mina", "seaside").iter().zip("ayoyoyn".chars()) {
            let answer = ask_as(&stage.replica.bare.0, caller, ("GET", &path(known.reservation_id)), None).await;
            assert_eq!(cell(&answer), expected, "{caller:?}: {answer:?}");
            let payments = answer.1["payments"].as_array().map_or(0, Vec::len);
            assert_eq!(payments, usize::from(expected == 'y'), "{caller:?}");
            // Whose it is has not been heard yet, so that it is shown to nobody but operators.
            let (_, body) = ask_as(&stage.replica.bare.0, caller, ("GET", &path(unheard)), None).await;
            let shown = body["payments"].as_array().is_some_and(|payments| !payments.is_empty());
            assert_eq!(shown, caller.may_all(), "{caller:?}: {body}");
        }
        stage.replica.end().await;
    }

    async fn an_owner_that_comes_late_is_kept(db: Db) {
        let stage = Stage::set(&db).await;
        let late = held("by_call", "card-ok");
        stage.replica.capture(late.reservation_id, "card-ok").await;
        stage.tell_and_wait(ReservationEvent::Held(late.clone())).await;
        let [_, guest, other, ..] = cast("mina", "seaside");
        let path = format!("/payments?reservation_id={}", late.reservation_id);
        assert_eq!(cell(&ask_as(&stage.replica.bare.0, &other, ("GET", &path), None).await), 'o');
        let (_, body) = ask_as(&stage.replica.bare.0, &guest, ("GET", &path), None).await;
        assert_eq!(body["payments"][0]["status"], "captured", "{body}");
        stage.replica.end().await;
    }

    async fn only_services_ask_for_money(db: Db) {
        let stage = Stage::set(&db).await;
        for (caller, expected) in cast("mina", "seaside").iter().zip("annnnny".chars()) {
            let id = Uuid::now_v7();
            let answer = ask_as(&stage.replica.bare.1, caller, ("POST", "/payments"), Some(&wish(id, "card-ok"))).await;
            assert_eq!(cell(&answer), expected, "{caller:?}: {answer:?}");
            assert_eq!(answer.0 == StatusCode::CREATED, expected == 'y', "{answer:?}");
            assert_eq!(stage.ledger(id).len(), usize::from(expected == 'y'), "{caller:?}");
            // The entry shows nobody that there is such a thing.
            let answer = ask_as(&stage.replica.bare.0, caller, ("POST", "/payments"), Some(&json!({}))).await;
            assert_eq!(answer.0, StatusCode::NOT_FOUND, "{caller:?}");
        }
        stage.replica.end().await;
    }
}
