//! Provisioning: what is missing is made, what is there is not touched.
use crate::platform::tally;
use crate::service::tally::Tally;
use crate::stream::Stream;
use choreography::{Broker, Group, Service};
use testing::{Nats, database, run};
use uuid::Uuid;

const GROUP: Group = Group { name: Tally::NAME, topics: Tally::TOPICS };

testing::on_each_backend! {
    async fn a_provisioned_group_gathers_for_the_first_database_that_joins(db: Db) {
        let nats = Nats::start().await;
        let broker = Broker::connect(&nats.url(), "provision", 1).await.unwrap();
        broker.provision(&[GROUP]).await.unwrap();
        broker.provision(&[GROUP]).await.unwrap();
        let stream = Stream::connect(&nats.url()).await;
        stream.until_readers(1).await;
        stream.send(Uuid::now_v7(), Uuid::nil(), 1).await;
        let first = tally(&db.url, &nats.url()).await;
        first.shows(1, 1).await;
        // It has an owner now, and keeps it and its place.
        broker.provision(&[GROUP]).await.unwrap();
        let elsewhere = database(db.backend).await;
        let _stranger = tally(&elsewhere.url, &nats.url()).await;
        for _ in 0..40 {
            stream.send(Uuid::now_v7(), Uuid::nil(), 1).await;
        }
        first.shows(41, 41).await;
    }
}

#[test]
fn a_stream_is_widened_and_never_narrowed() {
    run(async {
        let nats = Nats::start().await;
        let broker = Broker::connect(&nats.url(), "provision", 1).await.unwrap();
        for (told, kept) in [(2 << 20, 2 << 20), (3 << 20, 3 << 20), (1 << 20, 3 << 20)] {
            broker.clone().keeping(told).provision(&[]).await.unwrap();
            assert_eq!(Stream::connect(&nats.url()).await.bytes_max().await, kept);
        }
    });
}
