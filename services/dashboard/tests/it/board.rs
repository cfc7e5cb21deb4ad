//! A store's board, and what guests see of their tickets and reviews.

use crate::fixture::Stage;
use crate::sample::{changed, held, joined, offering, party, review, store};
use contract::catalog::{CatalogEvent, OfferingV1};
use contract::reservation::ReservationEvent;
use contract::review::ReviewEvent;
use contract::seating::SeatingEvent;
use contract::waitlist::{LineV1, QuoteV1, TicketV1, WaitlistEvent};
use serde_json::{Value, json};
use uuid::Uuid;

/// What the board says of the service day of the samples.
async fn board(stage: &Stage, store: &OfferingV1) -> Value {
    stage.replica.shows(&format!("/dashboard/lines/{}?day=2027-05-01", store.offering_id)).await
}

fn ids(rows: &Value) -> Vec<Uuid> {
    rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().parse().unwrap()).collect()
}

/// The ticket after one more change.
fn next(before: &TicketV1, status: &str) -> TicketV1 {
    TicketV1 { version: before.version + 1, status: status.into(), ..before.clone() }
}

fn numbered(before: &TicketV1, number: i64) -> TicketV1 {
    TicketV1 { number: Some(number), ..next(before, "waiting") }
}

testing::on_every_backend! {
    async fn r09_a_store_sees_its_line_in_order(db: Db) {
        let stage = Stage::set(&db).await;
        let noodles = store("noodles");
        stage.tell(CatalogEvent::Published(noodles.clone())).await;
        // The fourth sits, the first is called; the second joined after the third, and has the lower number.
        let parties: Vec<TicketV1> =
            [(2, 0), (4, 2), (3, 1), (5, 9), (1, 4)].map(|(size, minute)| joined(&noodles, "mina", size, minute)).into();
        let deadline = Some("2027-05-01T03:30:00Z".to_owned());
        let called = TicketV1 { call_deadline: deadline, ..next(&numbered(&parties[0], 1), "called") };
        let second = TicketV1 { passes: 2, quoted: Some(QuoteV1 { p50: 60, p90: 90 }), ..numbered(&parties[1], 2) };
        let seated = next(&parties[3], "seated");
        stage.tell(WaitlistEvent::Seated(seated.clone())).await;
        stage.tell(WaitlistEvent::Called(called.clone())).await;
        stage.tell(WaitlistEvent::Issued(numbered(&parties[2], 3))).await;
        stage.tell(WaitlistEvent::Issued(second)).await;
        for ticket in &parties {
            stage.tell(WaitlistEvent::Joined(ticket.clone())).await;
        }
        stage.tell(SeatingEvent::PartySeated(party(&seated, 1, "seated"))).await;
        stage.tell(SeatingEvent::PartySeated(party(&called, 1, "seated"))).await;
        stage.taken_in().await;
        let seen = board(&stage, &noodles).await;
        assert_eq!((&seen["status"], &seen["name"], &seen["more"]), (&json!("open"), &json!("Noodles"), &json!(false)));
        assert_eq!(seen["seats"], json!({ "units": 10, "taken": 7, "free": 3 }));
        let waiting = [&parties[1], &parties[2], &parties[4]].map(|ticket| ticket.ticket_id);
        assert_eq!(ids(&seen["waiting"]), waiting);
        let first = &seen["waiting"][0];
        assert_eq!((&first["number"], &first["party_size"], &first["passes"]), (&json!(2), &json!(4), &json!(2)));
        assert_eq!(first["wait_seconds"], json!({ "p50": 60, "p90": 90 }));
        assert_eq!(ids(&seen["called"]), [called.ticket_id]);
        assert_eq!(seen["called"][0]["call_deadline"], "2027-05-01T03:30:00Z");
        assert_eq!(ids(&seen["seated"]), [seated.ticket_id]);
        let day = &seen["day"];
        assert_eq!(day["service_day"], "2027-05-01");
        let count = |parties: i64, people: i64| json!({ "parties": parties, "people": people });
        assert_eq!(day["parties"]["waiting"], count(2, 7));
        assert_eq!((&day["parties"]["joining"], &day["parties"]["seated"]), (&count(1, 1), &count(1, 5)));
        assert_eq!((&day["parties"]["left"], &day["parties"]["no_show"]), (&count(0, 0), &count(0, 0)));
        stage.replica.end().await;
    }

    async fn d06_the_board_equals_a_replay_of_events(db: Db) {
        let stage = Stage::set(&db).await;
        let noodles = store("noodles");
        stage.tell(CatalogEvent::Published(noodles.clone())).await;
        let line = |version, status: &str| LineV1 {
            offering_id: noodles.offering_id,
            version,
            business: "noodles".into(),
            status: status.into(),
        };
        // Each event after the one it follows.
        stage.tell(WaitlistEvent::LineResumed(line(2, "open"))).await;
        stage.tell(WaitlistEvent::LinePaused(line(3, "paused"))).await;
        stage.tell(WaitlistEvent::LinePaused(line(1, "paused"))).await;
        for minute in 0..6 {
            let first = joined(&noodles, "mina", 1 + minute % 3, minute);
            let issued = numbered(&first, minute + 1);
            let ended = next(&issued, if minute % 2 == 0 { "cancelled" } else { "left" });
            stage.tell(SeatingEvent::SeatsFreed(party(&first, 2, "left"))).await;
            if minute < 4 {
                stage.tell(WaitlistEvent::Left(ended)).await;
            }
            stage.tell(WaitlistEvent::Issued(issued)).await;
            stage.tell(SeatingEvent::PartySeated(party(&first, 1, "seated"))).await;
            stage.tell(WaitlistEvent::Joined(first)).await;
        }
        stage.taken_in().await;
        let before = board(&stage, &noodles).await;
        assert_eq!((&before["status"], &before["seats"]["taken"]), (&json!("paused"), &json!(0)));
        assert_eq!(before["waiting"].as_array().unwrap().len(), 2);
        for table in ["ticket_view", "line_view"] {
            stage.replica.execute(&format!("DELETE FROM {table}")).await;
        }
        assert_ne!(board(&stage, &noodles).await, before);
        stage.replica.begin_rebuild().await.expect(202);
        stage.replica.rebuild_is("the rebuild is done", |seen| seen["state"] == "done").await;
        assert_eq!(board(&stage, &noodles).await, before);
        stage.replica.end().await;
    }

    async fn a_line_that_the_stream_forgot_is_not_lost(db: Db) {
        let mut stage = Stage::set(&db).await;
        let noodles = store("noodles");
        stage.tell(CatalogEvent::Published(noodles.clone())).await;
        let ticket = numbered(&joined(&noodles, "mina", 2, 0), 1);
        stage.tell(WaitlistEvent::Issued(ticket.clone())).await;
        let stayed = held(&offering("seaside", "Room"), "mina", 1);
        stage.tell(ReviewEvent::Posted(review(&stayed, 1, "posted", 4))).await;
        stage.taken_in().await;
        let (line, guest) = (board(&stage, &noodles).await, stage.replica.shows("/dashboard/guests/mina").await);
        stage.forget().await;
        stage.replica.begin_rebuild().await.expect(202);
        stage.replica.rebuild_is("the rebuild is done", |seen| seen["state"] == "done").await;
        assert_eq!(board(&stage, &noodles).await, line);
        assert_eq!(stage.replica.shows("/dashboard/guests/mina").await, guest);
        stage.replica.end().await;
    }

    async fn r07_a_guest_sees_tickets_and_reviews_too(db: Db) {
        let stage = Stage::set(&db).await;
        let noodles = store("noodles");
        let room = offering("seaside", "Double room");
        let stays: Vec<_> = (0..3).map(|minute| held(&room, "mina", minute)).collect();
        for (rating, stay) in (3..).zip(&stays) {
            stage.tell(ReservationEvent::Completed(changed(stay, "completed"))).await;
            stage.tell(ReviewEvent::Changed(review(stay, 2, "posted", rating))).await;
            stage.tell(ReviewEvent::Posted(review(stay, 1, "posted", 1))).await;
        }
        stage.tell(ReviewEvent::Removed(review(&stays[0], 3, "removed", 3))).await;
        let tickets: Vec<_> = (0..3).map(|minute| joined(&noodles, "mina", 2, minute)).collect();
        for ticket in &tickets {
            stage.tell(WaitlistEvent::Joined(ticket.clone())).await;
        }
        stage.tell(WaitlistEvent::Joined(joined(&noodles, "jun", 2, 5))).await;
        stage.tell(CatalogEvent::Published(room)).await;
        stage.tell(CatalogEvent::Published(noodles)).await;
        stage.taken_in().await;
        let seen = stage.replica.shows("/dashboard/guests/mina?limit=2").await;
        assert_eq!(ids(&seen["tickets"]), [tickets[2].ticket_id, tickets[1].ticket_id]);
        let cursor = seen["next_tickets_cursor"].as_str().unwrap();
        let rest = stage.replica.shows(&format!("/dashboard/guests/mina?limit=2&tickets_cursor={cursor}")).await;
        assert_eq!(ids(&rest["tickets"]), [tickets[0].ticket_id]);
        assert_eq!(rest["next_tickets_cursor"], Value::Null);
        let all = stage.replica.shows("/dashboard/guests/mina").await;
        assert_eq!(all["reviews"].as_array().unwrap().len(), 3);
        let removed = all["reviews"].as_array().unwrap().iter().filter(|review| review["status"] == "removed");
        assert_eq!(removed.map(|review| &review["reservation_id"]).collect::<Vec<_>>(), [&json!(stays[0].reservation_id)]);
        let overview = stage.replica.shows("/dashboard/offerings").await;
        let of = |name: &str| overview["offerings"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
        assert_eq!((&of("Double room")["review_count"], &of("Double room")["rating_average"]), (&json!(2), &json!(4.5)));
        assert_eq!((&of("Noodles")["waiting"], &of("Double room")["waiting"]), (&json!(4), &Value::Null));
        stage.replica.end().await;
    }

    async fn a_line_that_is_not_known_is_not_found(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offering("seaside", "Double room");
        stage.tell(CatalogEvent::Published(room.clone())).await;
        stage.taken_in().await;
        for id in [room.offering_id, Uuid::now_v7()] {
            stage.replica.get(&format!("/dashboard/lines/{id}")).await.refused(404, "line-not-found");
        }
        stage.replica.get("/dashboard/lines/1").await.refused(400, "invalid-path");
        let path = format!("/dashboard/lines/{}", room.offering_id);
        stage.replica.get(&format!("{path}?day=today")).await.refused(400, "invalid-query");
        stage.replica.end().await;
    }
}
