//! The roles of the program that an installation calls: migrate, provision, rehearse.

use crate::fixture::booking::{offering, seats, unique, with};
use crate::fixture::embedded::Embedded;
use crate::fixture::once;
use crate::fixture::run;
use crate::fixture::separate::{ONE_EACH, Separate};
use futures_util::future::join_all;
use serde_json::json;
use testing::{Backend, Nats, SOON, check, database, eventually};

/// Where nobody listens.
const NOWHERE: &str = "127.0.0.1:9";

#[test]
fn r18_replicas_that_migrate_at_once_all_succeed() {
    run(async {
        let database = database(Backend::Postgres).await.url;
        let environment = [("RESERVATION_DATABASE_URL", database.as_str())];
        let migrations = (0..4).map(|_| once(&["migrate", "reservation"], &environment));
        for (migrated, said) in join_all(migrations).await {
            assert!(migrated, "{said}");
        }
    });
}

#[test]
fn r18_what_an_init_container_cannot_do_it_says_in_a_sentence_and_in_time() {
    run(async {
        let url = format!("postgres://yeyak:secret@{NOWHERE}/yeyak");
        let brief = ("START_SECONDS_MAX", "1");
        let (migrated, said) = once(&["migrate", "catalog"], &[("DATABASE_URL", &url), brief]).await;
        assert!(!migrated && said.contains(&format!("the database of catalog, {NOWHERE}/yeyak: ")), "{said}");
        assert!(!said.contains("secret"), "{said}");
        let broker = format!("nats://{NOWHERE}");
        let (provisioned, said) = once(&["provision"], &[("NATS_URL", &broker), brief]).await;
        assert!(!provisioned && said.contains("yeyak: the broker: "), "{said}");
        let (known, said) = once(&["provision", "cattle"], &[("NATS_URL", &broker)]).await;
        assert!(!known && said.contains("no service is called `cattle`; there are catalog, "), "{said}");
    });
}

#[test]
fn r18_services_join_the_groups_that_were_provisioned_for_them() {
    run(async {
        let nats = Nats::start().await;
        let url = nats.url();
        let environment = [("NATS_URL", url.as_str()), ("EVENTS_BYTES_MAX", "1073741824")];
        for names in [&["provision", "catalog", "payment"][..], &["provision"]] {
            let (provisioned, said) = once(names, &environment).await;
            assert!(provisioned, "{said}");
        }
        let platform = Embedded::start(Backend::Sqlite, &[("NATS_URL", &url)]).await;
        let entry = platform.client().doors()["catalog"][0].public.clone();
        let (rehearsed, said) = once(&["rehearse", "--url", &entry], &[]).await;
        assert!(rehearsed, "{said}");
        let (provisioned, said) = once(&["provision"], &environment).await;
        assert!(provisioned, "{said}");
        let (rehearsed, said) = once(&["rehearse", "--url", &entry], &[]).await;
        assert!(rehearsed, "{said}");
    });
}

#[test]
fn r18_a_rehearsal_books_cancels_and_is_refunded() {
    run(async {
        let mut platform = Separate::start(Backend::Sqlite, &ONE_EACH, &[]).await;
        let client = platform.client().clone();
        let door = |service: &str| client.doors()[service][0].public.clone();
        let urls = ["reservation", "catalog", "payment"].map(door);
        let business = unique("rehearsal");
        let business = business.as_str();
        let arguments = ["rehearse", "--url", &urls[0], "--catalog-url", &urls[1], "--payment-url", &urls[2]];
        let told = [&arguments[..], &["--business", business]].concat();
        let (rehearsed, said) = once(&told, &[("YEYAK_TOKEN", "any")]).await;
        assert!(rehearsed, "{said}");
        let steps =
            ["published", "can be booked", "booked it", "confirmed, once", "free again", "1000 of 1000", "retired"];
        let mut rest = said.as_str();
        for step in steps {
            rest = rest.split_once(step).unwrap_or_else(|| panic!("no `{step}` in {said}")).1;
        }
        let listed = client.get(&format!("/offerings?business={business}")).await.expect(200);
        assert_eq!(listed["offerings"], json!([]), "what was published is retired");
        platform.kill9("payment");
        let (rehearsed, said) = once(&[&told[..], &["--seconds-max", "20"]].concat(), &[]).await;
        assert!(!rehearsed && said.contains("yeyak: the rehearsal: booking it: "), "{said}");
        platform.stop();
    });
}

#[test]
fn r18_what_is_inside_is_reached_directly_whatever_proxy_the_environment_names() {
    run(async {
        let proxy = ("http_proxy", &*format!("http://{NOWHERE}"));
        let plan = ["catalog", "reservation", "payment", "waitlist", "seating"].map(|service| (service, 1));
        let mut platform = Separate::start(Backend::Sqlite, &plan, &[proxy]).await;
        let client = platform.client().clone();
        let prepaid = client.publish(&offering("seats", 1)).await;
        client.post("/reservations", &seats(&prepaid, 1)).await.expect(201);
        let store = with(offering("line", 2), json!({ "payment": null }));
        let line = client.post("/offerings", &store).await.expect(201).id();
        let party = json!({ "offering_id": line, "guest_id": "mina", "party_size": 2 });
        let joined = eventually("the line", SOON, async || {
            check(client.post("/tickets", &party).await, |answer| answer.status == 201)
        });
        let ticket = format!("/tickets/{}", joined.await.id());
        // At once, or called as soon as seating has heard of the store.
        eventually("its seats", SOON, async || {
            check(client.get(&ticket).await.expect(200), |ticket| {
                ["seated", "called"].iter().any(|had| ticket["status"] == *had)
            })
        })
        .await;
        let (ready, said) = once(&["selfcheck", "--url", &client.doors()["payment"][0].admin], &[proxy]).await;
        assert!(ready, "{said}");
        platform.stop();
    });
}
