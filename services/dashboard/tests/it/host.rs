//! A host's bookings, days and spreadsheets.

use crate::fixture::Stage;
use crate::sample::{PRICE, changed, held, offering, payment};
use contract::catalog::{CatalogEvent, OfferingV1, OpeningV1, RulesV1};
use contract::payment::PaymentEvent;
use contract::reservation::{ReservationEvent, ReservationV1};
use serde_json::{Value, json};

const BUSINESS: &str = "/dashboard/businesses/seaside";

/// A stay of the room, confirmed.
fn stay(room: &OfferingV1, from: &str, to: &str, quantity: i64) -> ReservationV1 {
    let booked = held(room, "mina", 1);
    ReservationV1 { from: from.into(), to: Some(to.into()), quantity, ..changed(&booked, "confirmed") }
}

/// A block of the room by its host.
fn block(room: &OfferingV1, from: &str, to: &str, quantity: i64) -> ReservationV1 {
    ReservationV1 { purpose: Some("block".into()), ..stay(room, from, to, quantity) }
}

async fn days(stage: &Stage, query: &str) -> Vec<Value> {
    stage.replica.shows(&format!("{BUSINESS}/days?{query}")).await["days"].as_array().unwrap().clone()
}

/// Arrivals, departures, sold, held, blocked and units of a day, and its occupancy.
fn counts(day: &Value) -> ([i64; 6], Option<f64>) {
    let of = |name: &str| day[name].as_i64().unwrap();
    (["arrivals", "departures", "sold", "held", "blocked", "units"].map(of), day["occupancy"].as_f64())
}

testing::on_every_backend! {
    async fn a_host_finds_bookings_by_state_offering_and_stay(db: Db) {
        let stage = Stage::set(&db).await;
        let (room, suite) = (offering("seaside", "Room"), offering("seaside", "Suite"));
        let early = stay(&room, "2027-05-01", "2027-05-03", 1);
        let late = ReservationV1 { status: "checked_in".into(), ..stay(&room, "2027-05-03", "2027-05-04", 1) };
        let other = stay(&suite, "2027-04-01", "2027-05-02", 1);
        let slot = ReservationV1 {
            kind: "slots".into(),
            // Until midnight in Seoul.
            ..stay(&suite, "2027-05-01T14:00:00Z", "2027-05-01T15:00:00Z", 1)
        };
        for booked in [&early, &late, &other, &slot] {
            stage.tell(ReservationEvent::Confirmed(booked.clone())).await;
        }
        stage.taken_in().await;
        let suite_only = format!("offering_id={}", suite.offering_id);
        let table: [(&str, Vec<&ReservationV1>); 11] = [
            ("status=checked_in", vec![&late]),
            ("status=checked_in,confirmed&from=2027-05-03", vec![&late]),
            ("status=held", vec![]),
            (&suite_only, vec![&other, &slot]),
            ("from=2027-05-01&to=2027-05-02", vec![&early, &other, &slot]),
            ("from=2027-05-02&to=2027-05-03", vec![&early]),
            ("to=2027-05-01", vec![&other]),
            ("arrives=2027-05-01", vec![&early, &slot]),
            ("departs=2027-05-01", vec![&slot]),
            ("departs=2027-05-02", vec![&other]),
            ("departs=2027-05-03&arrives=2027-05-01&status=confirmed", vec![&early]),
        ];
        for (query, wanted) in table {
            let rows = stage.replica.pages(&format!("{BUSINESS}?{query}&"), "reservations", 1).await;
            let mut seen: Vec<Value> = rows.iter().map(|row| row["id"].clone()).collect();
            let mut wanted: Vec<Value> = wanted.iter().map(|booked| json!(booked.reservation_id)).collect();
            seen.sort_by_key(Value::to_string);
            wanted.sort_by_key(Value::to_string);
            assert_eq!(seen, wanted, "{query}");
        }
        stage.replica.get(&format!("{BUSINESS}?status=gone")).await.refused(422, "invalid-status");
        stage.replica.get(&format!("{BUSINESS}?from=2027-05-02&to=2027-05-02")).await.refused(422, "invalid-span");
        for query in ["from=tomorrow", "to=20270502", "offering_id=1", "arrives=x", "departs=2027-02-30"] {
            stage.replica.get(&format!("{BUSINESS}?{query}")).await.refused(400, "invalid-query");
        }
        stage.replica.end().await;
    }

    async fn the_days_of_a_hotel_are_right_in_any_order(db: Db) {
        let stage = Stage::set(&db).await;
        let room = offering("seaside", "Room");
        let two_nights = stay(&room, "2027-05-01", "2027-05-03", 2);
        let cancelled = changed(&stay(&room, "2027-05-02", "2027-05-03", 1), "cancelled");
        let left_out = ReservationV1 { status: "rejected".into(), ..stay(&room, "2027-05-01", "2027-05-02", 1) };
        let absent = ReservationV1 { status: "no_show".into(), ..stay(&room, "2027-05-03", "2027-05-04", 1) };
        let waiting = ReservationV1 { status: "held".into(), ..stay(&room, "2027-05-03", "2027-05-04", 1) };
        let repair = block(&room, "2027-05-02", "2027-05-04", 1);
        // Newer before older, money before bookings, and the offering at last.
        stage.tell(PaymentEvent::Refunded(payment(&cancelled, 3, "refunded", PRICE / 2))).await;
        stage.tell(PaymentEvent::Captured(payment(&two_nights, 2, "captured", 0))).await;
        stage.tell(PaymentEvent::Captured(payment(&cancelled, 2, "captured", 0))).await;
        stage.tell(PaymentEvent::Captured(payment(&absent, 2, "captured", 0))).await;
        // A block that costs something would be a fault, and no revenue.
        stage.tell(PaymentEvent::Captured(payment(&repair, 2, "captured", 0))).await;
        for booked in [&two_nights, &cancelled, &left_out, &absent, &waiting, &repair] {
            stage.tell(ReservationEvent::Confirmed(booked.clone())).await;
        }
        let before = ReservationV1 { version: 1, status: "held".into(), ..cancelled.clone() };
        stage.tell(ReservationEvent::Held(before)).await;
        stage.tell(CatalogEvent::Changed(OfferingV1 { version: 2, units: 4, ..room.clone() })).await;
        stage.tell(CatalogEvent::Published(room.clone())).await;
        stage.taken_in().await;
        let seen = days(&stage, "from=2027-05-01&to=2027-05-05").await;
        assert_eq!(seen.iter().map(|day| day["day"].as_str().unwrap()).collect::<Vec<_>>(), ["2027-05-01", "2027-05-02", "2027-05-03", "2027-05-04"]);
        assert_eq!(counts(&seen[0]), ([1, 0, 2, 0, 0, 4], Some(0.5)));
        assert_eq!(counts(&seen[1]), ([0, 0, 2, 0, 1, 4], Some(0.6667)));
        assert_eq!(counts(&seen[2]), ([0, 1, 1, 1, 1, 4], Some(0.3333)));
        assert_eq!(counts(&seen[3]), ([0, 0, 0, 0, 0, 4], Some(0.0)));
        let won = |captured: i64, refunded: i64| {
            json!([{ "currency": "KRW", "captured": captured, "refunded": refunded, "amount": captured - refunded }])
        };
        assert_eq!(seen[0]["revenue"], won(PRICE, 0));
        assert_eq!(seen[1]["revenue"], won(PRICE, PRICE / 2));
        assert_eq!((&seen[2]["revenue"], &seen[3]["revenue"]), (&won(PRICE, 0), &json!([])));
        // Whoever leaves on the first day of the span is counted, too.
        assert_eq!(counts(&days(&stage, "from=2027-05-03&to=2027-05-04").await[0]), counts(&seen[2]));
        let nobody = format!("from=2027-05-01&to=2027-05-02&offering_id={}", uuid::Uuid::now_v7());
        assert_eq!(counts(&days(&stage, &nobody).await[0]), ([0; 6], None));
        // Blocks are no bookings of guests.
        let totals = stage.replica.shows(BUSINESS).await["totals"].clone();
        let statuses = json!({ "cancelled": 1, "confirmed": 1, "held": 1, "no_show": 1, "rejected": 1 });
        assert_eq!(totals["reservations"], statuses);
        assert_eq!(totals["money"][0]["captured"], 3 * PRICE);
        let overview = stage.replica.shows("/dashboard/offerings").await;
        assert_eq!((&overview["offerings"][0]["booked"], &overview["offerings"][0]["blocked"]), (&json!(3), &json!(1)));
        stage.replica.end().await;
    }

    async fn the_days_of_an_office_and_a_theater_are_local(db: Db) {
        let stage = Stage::set(&db).await;
        let saturday = OpeningV1 { day: "sat".into(), opens: "09:00".into(), closes: "13:00".into() };
        let desk = OfferingV1 {
            kind: "slots".into(),
            slot_minutes: Some(60),
            rules: Some(RulesV1 { opening_hours: vec![saturday], ..RulesV1::default() }),
            ..offering("seaside", "Desk")
        };
        // 01:00 in Seoul on the second.
        let starts_at = "2027-05-01T16:00:00Z";
        let musical =
            OfferingV1 { kind: "seats".into(), units: 50, starts_at: Some(starts_at.into()), ..offering("seaside", "Musical") };
        stage.tell(CatalogEvent::Published(desk.clone())).await;
        stage.tell(CatalogEvent::Published(musical.clone())).await;
        // 09:00 until 12:00 on the first, which is a Saturday.
        let morning = stay(&desk, "2027-05-01T00:00:00Z", "2027-05-01T03:00:00Z", 2);
        let seats = ReservationV1 { from: starts_at.into(), to: None, ..stay(&musical, starts_at, "", 5) };
        stage.tell(ReservationEvent::Confirmed(morning)).await;
        stage.tell(ReservationEvent::Confirmed(seats)).await;
        stage.taken_in().await;
        let seen = days(&stage, "from=2027-05-01&to=2027-05-03").await;
        assert_eq!(counts(&seen[0]), ([1, 1, 6, 0, 0, 12], Some(0.5)));
        assert_eq!(counts(&seen[1]), ([1, 1, 5, 0, 0, 50], Some(0.1)));
        stage.replica.end().await;
    }

    async fn impossible_days_are_refused(db: Db) {
        let stage = Stage::set(&db).await;
        let refused = [
            ("", 422, "invalid-span"), ("from=2027-05-01", 422, "invalid-span"),
            ("from=2027-05-01&to=2027-05-01", 422, "invalid-span"), ("from=2027-05-02&to=2027-05-01", 422, "invalid-span"),
            ("from=2026-01-01&to=2027-02-06", 422, "span-too-long"), ("from=x&to=2027-02-06", 400, "invalid-query"),
            ("from=2027-05-01&to=2027-05-02&limit=1", 400, "invalid-query"),
        ];
        for (query, status, slug) in refused {
            for path in ["days", "days.csv"] {
                stage.replica.get(&format!("{BUSINESS}/{path}?{query}")).await.refused(status, slug);
            }
        }
        assert_eq!(days(&stage, "from=2026-01-01&to=2027-02-05").await.len(), 400);
        stage.replica.end().await;
    }

    async fn a_spreadsheet_says_what_the_view_says_and_holds_no_formula(db: Db) {
        let stage = Stage::set(&db).await;
        let room = OfferingV1 { name: "=HYPERLINK(\"http://x\")".into(), ..offering("seaside", "") };
        stage.tell(CatalogEvent::Published(room.clone())).await;
        for minute in 0..5 {
            let guest = ["+82 10", "@mina", "-1", "민아, 김", "say \"hi\""][usize::try_from(minute).unwrap()];
            let booked = changed(&held(&room, guest, minute), "confirmed");
            stage.tell(PaymentEvent::Captured(payment(&booked, 2, "captured", 0))).await;
            stage.tell(ReservationEvent::Confirmed(booked)).await;
        }
        stage.taken_in().await;
        let shown = stage.replica.pages(&format!("{BUSINESS}?"), "reservations", 200).await;
        let (mut rows, mut path) = (Vec::new(), format!("{BUSINESS}/bookings.csv?status=confirmed&limit=2"));
        let mut pages = 0;
        loop {
            let (text, next) = stage.replica.spreadsheet(&path).await;
            rows.extend(records(&text));
            pages += 1;
            match next {
                Some(next) => path = next,
                None => break,
            }
        }
        assert_eq!((pages, rows.len()), (3, 5));
        for (row, shown) in rows.iter().zip(&shown) {
            let cell = |name: &str| row.iter().find(|(head, _)| head == name).unwrap().1.clone();
            for name in ["id", "status", "offering_id", "kind", "from", "to", "timezone", "placed_at"] {
                assert_eq!(json!(cell(name)), shown[name], "{name}");
            }
            assert_eq!(cell("captured"), shown["payment"]["captured"].to_string());
            assert_eq!(cell("total"), shown["total"]["amount"].to_string());
            assert_eq!(cell("offering_name"), format!("'{}", room.name));
            assert_eq!(cell("guest_id").trim_start_matches('\''), shown["guest_id"].as_str().unwrap());
            assert!(!cell("guest_id").starts_with(['=', '+', '@']), "{row:?}");
        }
        let query = "from=2027-05-01&to=2027-05-03";
        let (text, _) = stage.replica.spreadsheet(&format!("{BUSINESS}/days.csv?{query}")).await;
        let table = records(&text);
        for (row, day) in table.iter().zip(days(&stage, query).await) {
            let cell = |name: &str| row.iter().find(|(head, _)| head == name).unwrap().1.clone();
            for name in ["arrivals", "departures", "sold", "held", "blocked", "units", "offered"] {
                assert_eq!(cell(name), day[name].to_string(), "{name}");
            }
            assert_eq!(json!(cell("day")), day["day"]);
            assert_eq!(cell("occupancy").parse::<f64>().unwrap(), day["occupancy"].as_f64().unwrap());
            let earned = day["revenue"].get(0).map_or(0, |money| money["amount"].as_i64().unwrap());
            assert_eq!(cell("revenue KRW"), earned.to_string());
        }
        assert_eq!(table.len(), 2);
        stage.replica.end().await;
    }
}

/// The cells of a spreadsheet, each with the head of its column.
fn records(text: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().unwrap().clone();
    let named = |row: csv::StringRecord| head.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect();
    reader.records().map(|row| named(row.unwrap())).collect()
}
