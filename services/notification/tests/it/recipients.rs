//! Where a reader is reached: put, shown, taken away; what cannot be is refused and changes nothing.

use crate::fixture::{Replica, Stage, get};
use crate::samples::reservation;
use axum::http::Method;
use contract::reservation::ReservationEvent;
use serde_json::{Value, json};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

testing::on_every_backend! {
    async fn addresses_are_replaced_as_a_whole_and_the_secret_is_shown_once(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        let path = "/recipients/%EB%AF%BC%EC%95%84";
        assert_eq!(replica.call(Method::GET, path, None, None).await.0, 404);
        let put = async |body: Value| replica.call(Method::PUT, path, Some(body), None).await;
        let hook = |url: &str| json!({ "webhook": { "url": url } });
        let (status, first) = put(hook("https://bridge.example/kakao")).await;
        let secret = first["webhook"]["secret"].as_str().unwrap();
        assert!((status, secret.len(), secret.starts_with("whsec_")) == (200, 50, true), "{first}");
        let shown = json!({
            "recipient": "민아", "email": null, "language": null, "webhook": { "url": "https://bridge.example/kakao" },
        });
        assert_eq!(replica.call(Method::GET, path, None, None).await, (200, shown.clone()));
        // The same again is the same, and tells no secret; another URL has another.
        assert_eq!(put(hook("https://bridge.example/kakao")).await, (200, shown));
        let moved = put(hook("https://bridge.example/push")).await.1;
        assert!(moved["webhook"]["secret"].is_string() && moved["webhook"]["secret"] != secret);
        let chosen = put(json!({ "webhook": { "url": "https://bridge.example/push", "secret": SECRET } })).await.1;
        assert_eq!(chosen["webhook"], json!({ "url": "https://bridge.example/push" }));
        let all = put(json!({ "email": "mina@example.org", "language": "ko" })).await;
        assert_eq!(all, (200, json!({ "recipient": "민아", "email": "mina@example.org", "language": "ko", "webhook": null })));
        for _ in 0..2 {
            assert_eq!(replica.call(Method::DELETE, path, None, None).await, (204, Value::Null));
        }
        assert_eq!(replica.call(Method::GET, path, None, None).await.1["type"], "/problems/recipient-not-found");
        replica.end().await;
    }

    async fn an_address_that_cannot_be_is_refused(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        let kept = replica.register("mina", json!({ "email": "mina@example.org" })).await;
        for (body, status, slug) in [
            (json!([]), 400, "invalid-body"),
            (json!({ "email": 7 }), 400, "invalid-body"),
            (json!({ "e-mail": "mina@example.org" }), 400, "invalid-body"),
            (json!({ "webhook": "https://bridge.example" }), 400, "invalid-body"),
            (json!({ "webhook": {} }), 400, "invalid-body"),
            (json!({ "email": "" }), 422, "invalid-email"),
            (json!({ "email": "mina" }), 422, "invalid-email"),
            (json!({ "email": "mina@example.org\r\nBcc: thief@example.org" }), 422, "invalid-email"),
            (json!({ "email": "a@example.org, b@example.org" }), 422, "invalid-email"),
            (json!({ "webhook": { "url": "ftp://bridge.example" } }), 422, "invalid-webhook-url"),
            (json!({ "webhook": { "url": "https://user:word@bridge.example" } }), 422, "invalid-webhook-url"),
            (json!({ "webhook": { "url": format!("https://bridge.example/{}", "x".repeat(2_000)) } }), 422, "invalid-webhook-url"),
            (json!({ "webhook": { "url": "https://bridge.example", "secret": "open" } }), 422, "invalid-webhook-secret"),
            (json!({ "webhook": { "url": "https://bridge.example", "secret": "whsec_c2hvcnQ=" } }), 422, "invalid-webhook-secret"),
            (json!({ "language": "fr" }), 422, "invalid-language"),
        ] {
            let (answered, problem) = replica.call(Method::PUT, "/recipients/mina", Some(body.clone()), None).await;
            assert_eq!((answered, &problem["type"]), (status, &json!(format!("/problems/{slug}"))), "{body}");
        }
        let (status, problem) = replica.call(Method::PUT, "/recipients/mina%0A", Some(json!({})), None).await;
        assert_eq!((status, &problem["type"]), (422, &json!("/problems/invalid-recipient")));
        assert_eq!(replica.call(Method::GET, "/recipients/mina", None, None).await, (200, kept));
        replica.end().await;
    }

    async fn without_a_mail_server_there_is_no_mail_and_the_list_is_paged(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        // Nobody listens there, so that the deliveries wait.
        let hook = json!({ "url": "http://127.0.0.1:9/", "secret": SECRET });
        replica.register("mina", json!({ "email": "mina@example.org", "webhook": hook })).await;
        for _ in 0..5 {
            stage.tell(ReservationEvent::Held(reservation())).await;
        }
        stage.heard(&replica).await;
        let all = replica.deliveries("mina").await;
        assert!(all.len() == 5 && all.iter().all(|one| one["channel"] == "webhook"), "{all:?}");
        let page = async |query: &str| {
            let (status, page) = replica.call(Method::GET, &format!("/deliveries?recipient=mina{query}"), None, None).await;
            assert_eq!(status, 200, "{page}");
            page
        };
        let ids = |page: &Value| -> Vec<Value> {
            page["deliveries"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
        };
        let first = page("&limit=3&status=waiting").await;
        let rest = page(&format!("&limit=3&cursor={}", first["next_cursor"].as_str().unwrap())).await;
        assert_eq!([ids(&first), ids(&rest)].concat(), all.iter().map(|one| one["id"].clone()).collect::<Vec<_>>());
        assert_eq!((&rest["next_cursor"], ids(&page("&status=sent").await)), (&Value::Null, vec![]));
        let one = replica.call(Method::GET, &format!("/deliveries/{}", all[0]["id"].as_str().unwrap()), None, None).await;
        assert_eq!((one.0, &one.1["notification_id"]), (200, &all[0]["notification_id"]));
        for (path, status, slug) in [
            ("/deliveries", 400, "invalid-query"),
            ("/deliveries?recipient=", 422, "invalid-recipient"),
            ("/deliveries?recipient=mina&status=lost", 422, "invalid-status"),
            ("/deliveries?recipient=mina&limit=0", 422, "invalid-limit"),
            ("/deliveries?recipient=mina&cursor=7", 400, "invalid-cursor"),
            ("/deliveries/7", 400, "invalid-path"),
            ("/deliveries/00000000-0000-0000-0000-000000000000", 404, "delivery-not-found"),
        ] {
            let (answered, problem) = replica.call(Method::GET, path, None, None).await;
            assert_eq!((answered, &problem["type"]), (status, &json!(format!("/problems/{slug}"))), "{path}");
        }
        assert_eq!(get(&replica.admin, "/parked").await.1, json!({ "parked": [] }));
        replica.end().await;
    }
}
