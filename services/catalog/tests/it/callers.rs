//! Whom the service lets register: a host the offerings of its own business, an operator all of them.

use crate::fixture::{Stage, room};
use runtime::auth::{Caller, Role};
use serde_json::json;
use uuid::Uuid;

testing::on_each_backend! {
    async fn r17_a_host_registers_for_its_own_business_only(db: Db) {
        let stage = Stage::set(&db).await;
        let business = room()["business"].as_str().unwrap().to_owned();
        let by = |role, business: &str| stage.replica.by(Caller::known("bora", &[role], &[business]));
        let (host, stranger, nobody) =
            (by(Role::Host, &business), by(Role::Host, "elsewhere"), stage.replica.by(Caller::Anonymous));
        stranger.post(&room()).await.refused(403, "not-yours");
        // Being named a business without being a host is nothing.
        by(Role::Guest, &business).post(&room()).await.refused(403, "not-allowed");
        by(Role::Service, &business).post(&room()).await.refused(403, "not-allowed");
        nobody.post(&room()).await.refused(401, "unauthenticated");
        stage.replica.unguarded().post(&room()).await.refused(401, "unauthenticated");
        assert!(stage.events().await.is_empty());
        let id = host.publish(&room()).await;
        stranger.patch(&id, "\"1\"", &json!({ "units": 1 })).await.refused(403, "not-yours");
        stranger.delete(&id).await.refused(403, "not-yours");
        nobody.patch(&id, "\"1\"", &json!({ "units": 1 })).await.refused(401, "unauthenticated");
        nobody.delete(&id).await.refused(401, "unauthenticated");
        stranger.delete(&Uuid::now_v7().to_string()).await.refused(404, "offering-not-found");
        nobody.delete(&Uuid::now_v7().to_string()).await.refused(401, "unauthenticated");
        for everyone in [&nobody, &stranger, &host] {
            assert_eq!(everyone.get(&format!("/offerings/{id}")).await.expect(200)["version"], 1);
            everyone.get("/offerings").await.expect(200);
        }
        host.patch(&id, "\"1\"", &json!({ "units": 1 })).await.expect(200);
        stage.replica.by(Caller::known("op", &[Role::Operator], &[])).delete(&id).await.expect(204);
        let actors: Vec<_> = stage.events().await.iter().map(|event| event["actor"].clone()).collect();
        assert_eq!(actors, ["bora", "bora", "op"]);
        stage.end().await;
    }
}
