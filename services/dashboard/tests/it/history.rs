//! Everything that happened to a case.

use crate::fixture::Stage;
use crate::sample::{changed, held, offering, payment};
use contract::payment::PaymentEvent;
use contract::reservation::ReservationEvent;
use serde_json::{Value, json};

testing::on_every_backend! {
    async fn rule20_a_case_is_told_in_order(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offering("seaside", "Double room");
        let (first, other) = (held(&room, "mina", 1), held(&room, "jun", 2));
        let confirmed = changed(&first, "confirmed");
        stage.tell(ReservationEvent::Held(first.clone())).await;
        stage.tell(ReservationEvent::Held(other)).await;
        stage.tell(PaymentEvent::Captured(payment(&first, 2, "captured", 0))).await;
        stage.tell(ReservationEvent::Confirmed(confirmed.clone())).await;
        // A state that is told again is nothing that happened.
        stage.tell(ReservationEvent::State(confirmed.clone())).await;
        stage.taken_in().await;
        let seen = stage.replica.shows(&format!("/history/{}", first.reservation_id)).await;
        let events = seen["events"].as_array().unwrap();
        let told: Vec<(&str, &str, i64)> = events
            .iter()
            .map(|one| {
                let text = |name: &str| one[name].as_str().unwrap();
                (text("type"), text("source"), one["version"].as_i64().unwrap())
            })
            .collect();
        assert_eq!(
            told,
            [
                ("reservation.held.v1", "reservation", 1),
                ("payment.captured.v1", "payment", 2),
                ("reservation.confirmed.v1", "reservation", 2),
            ]
        );
        assert_eq!(events[2]["data"], serde_json::to_value(&confirmed).unwrap());
        assert_eq!(events[0]["cause"], Value::Null);
        assert_eq!(events[0]["actor"], Value::Null);
        assert_eq!(seen["more"], json!(false));
        let times: Vec<&str> = events.iter().map(|one| one["time"].as_str().unwrap()).collect();
        assert!(times.is_sorted(), "{times:?}");
        stage.replica.end().await;
    }
}
