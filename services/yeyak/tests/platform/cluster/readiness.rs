//! Ready means: the database answers and its schema is this program's. The broker has no say in it.

use crate::fixture::booking::{offering, seats, with};
use crate::fixture::client::Client;
use crate::fixture::once;
use crate::fixture::run;
use crate::fixture::separate::{ONE_EACH, Separate};
use serde_json::json;
use testing::{Backend, SOON, check, eventually, postgres};

/// Waits until every process says so about the broker.
async fn until_broker_connected(client: &Client, connected: bool) {
    let (wanted, other) = if connected { (" 1\n", " 0\n") } else { (" 0\n", " 1\n") };
    for admin in client.admins() {
        eventually("the gauge of the broker", SOON, async || {
            let metrics = client.fetch(&format!("{admin}/metrics")).await.unwrap().body;
            let lines = metrics.as_str().unwrap().lines().filter(|line| line.starts_with("yeyak_broker_connected{"));
            let told: String = lines.map(|line| format!("{line}\n")).collect();
            check(told, |told| told.contains(wanted) && !told.contains(other))
        })
        .await;
    }
}

async fn all_are_ready(client: &Client) {
    for admin in client.admins() {
        client.fetch(&format!("{admin}/readyz")).await.unwrap().expect(200);
    }
}

#[test]
fn r18_services_start_are_ready_and_take_bookings_without_the_broker() {
    run(async {
        let mut platform = Separate::prepare(Backend::Sqlite, &ONE_EACH, &[]).await;
        platform.nats().kill();
        for (service, _) in ONE_EACH {
            platform.begin(service);
        }
        platform.until_ready().await;
        let client = platform.client().clone();
        until_broker_connected(&client, false).await;
        let later = with(offering("seats", 30), json!({ "payment": "settle_later" }));
        let later = client.post("/offerings", &later).await.expect(201).id();
        platform.nats().restart().await;
        client.until_bookable(&later).await;
        until_broker_connected(&client, true).await;
        platform.nats().kill();
        until_broker_connected(&client, false).await;
        all_are_ready(&client).await;
        let mut known = vec![client.post("/reservations", &seats(&later, 1)).await.expect(202).id()];
        // A pod that is moved meanwhile comes up as well.
        platform.term("reservation");
        platform.restart("reservation").await;
        known.push(client.post("/reservations", &seats(&later, 1)).await.expect(202).id());
        all_are_ready(&client).await;
        platform.nats().restart().await;
        for reservation in &known {
            client.until_status(reservation, "confirmed").await;
        }
        all_are_ready(&client).await;
        platform.truth().of([later.as_str()]).knowing(known).holds().await;
        platform.stop();
    });
}

#[test]
fn r18_a_process_that_waits_for_its_database_is_alive_and_not_ready() {
    run(async {
        let mut platform = Separate::prepare(Backend::Postgres, &[("catalog", 1)], &[]).await;
        let database = platform.database_url("catalog");
        let name = database.rsplit('/').next().unwrap();
        let server = postgres().await;
        server.administer(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")).await.unwrap();
        platform.begin("catalog");
        let client = platform.client().clone();
        let admin = client.admins().remove(0);
        let alive = async || client.fetch(&format!("{admin}/livez")).await;
        eventually("an answer", SOON, alive).await.expect(200);
        let waiting = client.fetch(&format!("{admin}/readyz")).await.unwrap();
        assert!(waiting.refused(503, "not-ready").body["failing"]["start"].is_string());
        let port = admin.rsplit(':').next().unwrap();
        let selfcheck = async || once(&["selfcheck"], &[("ADMIN_PORT", port)]).await;
        let (is_ready, said) = selfcheck().await;
        assert!(!is_ready && said.contains("not ready"), "{said}");
        server.administer(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")).await.unwrap();
        platform.until_ready().await;
        assert!(selfcheck().await.0, "it asks the port of its environment");
        // The door is the same one, and what lies behind it has come.
        client.fetch(&format!("{admin}/parked")).await.unwrap().expect(200);
        platform.stop();
    });
}

#[test]
fn r18_a_database_of_its_own_is_enough() {
    run(async {
        // Nothing but its own database is open to this role, and the name is none that would be created.
        let server = postgres().await;
        let (role, name) = ("narrow_role", "narrow-database");
        for statement in [
            format!("CREATE ROLE {role} LOGIN"),
            format!("CREATE DATABASE \"{name}\" OWNER {role}"),
            "REVOKE CONNECT ON DATABASE postgres FROM public".to_owned(),
        ] {
            server.administer(&statement).await.unwrap();
        }
        let url = server.url_as(role, name);
        let (migrated, said) = once(&["migrate", "catalog"], &[("DATABASE_URL", &url)]).await;
        assert!(migrated, "{said}");
        let absent = server.url_as(role, "no-such");
        let (migrated, said) =
            once(&["migrate", "catalog"], &[("DATABASE_URL", &absent), ("START_SECONDS_MAX", "0")]).await;
        assert!(!migrated && said.contains("there is no database `no-such`"), "{said}");
    });
}

#[test]
fn r18_a_service_is_not_ready_before_its_schema_is_this_programs() {
    run(async {
        let mut platform = Separate::prepare(Backend::Sqlite, &[("catalog", 1)], &[("MIGRATE", "false")]).await;
        platform.begin("catalog");
        let client = platform.client().clone();
        let admin = client.admins().remove(0);
        eventually("an answer", SOON, async || client.fetch(&format!("{admin}/livez")).await).await.expect(200);
        client.fetch(&format!("{admin}/readyz")).await.unwrap().refused(503, "not-ready");
        let database = format!("sqlite:{}", platform.dir("catalog").join("db.sqlite").display());
        let (migrated, said) = once(&["migrate", "catalog"], &[("DATABASE_URL", &database)]).await;
        assert!(migrated, "{said}");
        platform.until_ready().await;
        platform.stop();
    });
}
