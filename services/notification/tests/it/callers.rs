//! Whom the service lets read: a guest what guests are told, a host what its business is told, though both have one name.

use crate::fixture::{Replica, Stage};
use crate::samples::reservation;
use axum::http::Method;
use choreography::Store;
use contract::reservation::{ReservationEvent, ReservationV1};
use kernel::Clock;
use runtime::auth::{Caller, Role};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

fn hook(place: &str) -> Option<Value> {
    Some(json!({ "webhook": { "url": format!("http://127.0.0.1:9/{place}") } }))
}

async fn get(replica: &Replica, caller: &Caller, path: &str) -> (u16, Value) {
    replica.by(caller, Method::GET, path, None).await
}

testing::on_every_backend! {
    async fn r17_a_guest_and_a_business_of_one_name_read_their_own(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        // A guest who is called like the business where another one stays.
        let (guest, host) = (Caller::known("seaside", &[Role::Guest], &[]), Caller::known("bora", &[Role::Host], &["seaside"]));
        for (caller, place) in [(&guest, "guest"), (&host, "host")] {
            let (status, body) = replica.by(caller, Method::PUT, "/recipients/seaside", hook(place)).await;
            assert_eq!((status, body["webhook"]["secret"].is_string()), (200, true), "{body}");
        }
        let confirmed = ReservationV1 { status: "confirmed".into(), version: 2, ..reservation() };
        let own = ReservationV1 { guest_id: "seaside".into(), business: "hill".into(), ..confirmed.clone() };
        stage.tell(ReservationEvent::Confirmed(confirmed.clone())).await;
        stage.tell(ReservationEvent::Confirmed(ReservationV1 { reservation_id: uuid::Uuid::now_v7(), ..own })).await;
        stage.heard(&replica).await;
        for (caller, role, place) in [(&guest, "guest", "guest"), (&host, "host", "host")] {
            let messages = get(&replica, caller, "/notifications?recipient=seaside").await.1["notifications"].clone();
            let roles: Vec<&Value> = messages.as_array().unwrap().iter().map(|message| &message["role"]).collect();
            assert_eq!(roles, [role]);
            let deliveries = get(&replica, caller, "/deliveries?recipient=seaside").await.1["deliveries"].clone();
            let ids: Vec<&Value> = deliveries.as_array().unwrap().iter().map(|one| &one["notification_id"]).collect();
            assert_eq!(ids, [&messages[0]["id"]]);
            let addresses = get(&replica, caller, "/recipients/seaside").await.1;
            assert_eq!(addresses["webhook"]["url"], format!("http://127.0.0.1:9/{place}"));
            let delivery = format!("/deliveries/{}", deliveries[0]["id"].as_str().unwrap());
            let other = if role == "guest" { &host } else { &guest };
            assert_eq!(get(&replica, caller, &delivery).await.0, 200);
            assert_eq!(get(&replica, other, &delivery).await.0, 403);
            let again = format!("{delivery}/redeliver");
            assert_eq!(replica.by(other, Method::POST, &again, None).await.0, 403);
        }
        // Each was sent where its own reader wanted it.
        let of_host = "SELECT count(*) AS number FROM delivery JOIN notification ON notification.id = notification_id \
                       WHERE delivery.recipient = 'seaside'";
        assert_eq!(replica.count(of_host).await, 2);
        assert_eq!(replica.by(&guest, Method::DELETE, "/recipients/seaside", None).await.0, 204);
        assert_eq!(get(&replica, &guest, "/recipients/seaside").await.0, 404);
        assert_eq!(get(&replica, &host, "/recipients/seaside").await.0, 200);
        replica.end().await;
    }

    async fn r17_nobody_reads_what_others_are_told_or_changes_where(db: Db) {
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        let (mina, jun) = (Caller::known("mina", &[Role::Guest], &[]), Caller::known("jun", &[Role::Guest], &[]));
        let service = Caller::known("mina", &[Role::Service], &["mina"]);
        let kept = replica.by(&mina, Method::PUT, "/recipients/mina", hook("mina")).await.1;
        stage.tell(ReservationEvent::Held(reservation())).await;
        stage.heard(&replica).await;
        let delivery = replica.deliveries("mina").await[0]["id"].as_str().unwrap().to_owned();
        let paths = ["/notifications?recipient=mina", "/deliveries?recipient=mina", "/recipients/mina"];
        for path in paths.map(ToOwned::to_owned).into_iter().chain([format!("/deliveries/{delivery}")]) {
            for (caller, status) in [(&mina, 200), (&jun, 403), (&service, 403), (&Caller::Anonymous, 401)] {
                assert_eq!(get(&replica, caller, &path).await.0, status, "{path} by {caller:?}");
            }
            assert_eq!(replica.unguarded(&path).await.0, 401, "{path}");
        }
        for (method, path, body) in [
            (Method::PUT, "/recipients/mina", hook("jun")),
            (Method::DELETE, "/recipients/mina", None),
            (Method::POST, &format!("/deliveries/{delivery}/redeliver"), None),
        ] {
            assert_eq!(replica.by(&jun, method.clone(), path, body.clone()).await.1["type"], "/problems/not-yours");
            assert_eq!(replica.by(&Caller::Anonymous, method, path, body).await.0, 401);
        }
        let shown = get(&replica, &mina, "/recipients/mina").await.1;
        assert_eq!(shown["webhook"]["url"], kept["webhook"]["url"]);
        replica.end().await;
    }

    async fn an_address_from_before_roles_is_kept_for_both(db: Db) {
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(&notification::MIGRATIONS[..2]).await.unwrap();
        let sql = "INSERT INTO recipient (name, email) VALUES ('mina', 'mina@example.org')";
        store.write().execute_unprepared(sql).await.unwrap();
        let stage = Stage::set().await;
        let replica = Replica::start(&db, &stage.nats).await;
        for caller in [Caller::known("mina", &[Role::Guest], &[]), Caller::known("bora", &[Role::Host], &["mina"])] {
            assert_eq!(get(&replica, &caller, "/recipients/mina").await.1["email"], "mina@example.org");
        }
        replica.end().await;
    }
}
