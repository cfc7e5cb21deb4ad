//! The stream read again: in order, from a place to a place, past what is no event and over a broker's restart.
use crate::platform::counter;
use crate::stream::Stream;
use choreography::{Broker, Extent, Replay};
use testing::{Backend, Nats, run};
use uuid::Uuid;

const TOPICS: &[&str] = &["counter.added"];

/// The ids of everything that is still to come.
async fn rest(replay: &mut Replay, count: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    loop {
        let events = replay.next(count).await.unwrap();
        assert!(events.len() <= count);
        if events.is_empty() {
            return ids;
        }
        ids.extend(events.iter().map(|event| event.id.0));
    }
}

#[test]
fn the_stream_is_read_again_in_order_and_to_its_end() {
    run(async {
        let nats = Nats::start().await;
        let broker = Broker::connect(&nats.url(), "reader", 1).await.unwrap();
        // The first to ask makes the stream.
        assert_eq!(Replay::extent(&broker).await.unwrap(), Extent { first: 0, last: 0 });
        assert_eq!(rest(&mut Replay::new(&broker, TOPICS, 0, 0), 2).await, Vec::<Uuid>::new());
        let stream = Stream::connect(&nats.url()).await;
        let ids: Vec<Uuid> = (0..7).map(|_| Uuid::now_v7()).collect();
        for id in &ids[..5] {
            stream.send(*id, Uuid::nil(), 1).await;
        }
        stream.send_garbage(b"noise").await;
        let extent = Replay::extent(&broker).await.unwrap();
        assert_eq!((extent, Replay::count(&broker, TOPICS).await.unwrap()), (Extent { first: 1, last: 6 }, 6));
        for id in &ids[5..] {
            stream.send(*id, Uuid::nil(), 1).await;
        }
        for count in [1, 2, 5, 100] {
            let mut whole = Replay::new(&broker, TOPICS, 0, extent.last);
            assert_eq!(rest(&mut whole, count).await, ids[..5], "{count} at once");
            assert_eq!(whole.position(), 6);
        }
        assert_eq!(rest(&mut Replay::new(&broker, TOPICS, 3, 8), 2).await, ids[3..]);
        assert_eq!(rest(&mut Replay::new(&broker, &["counter.other"], 0, 8), 2).await, Vec::<Uuid>::new());
        // Who has read to its end is no burden to the broker.
        stream.until_readers(0).await;
        // A stream that was made anew is shorter than it was.
        assert_eq!(rest(&mut Replay::new(&broker, TOPICS, 20, 30), 2).await, Vec::<Uuid>::new());
    });
}

#[test]
fn a_reader_goes_on_when_the_broker_is_back() {
    run(async {
        let mut nats = Nats::start().await;
        let database = testing::database(Backend::Sqlite).await;
        let counter = counter(&database.url, &nats.url()).await;
        let case = Uuid::now_v7();
        for _ in 0..6 {
            counter.add(case, 1).await;
        }
        counter.drained().await;
        let broker = Broker::connect(&nats.url(), "reader", 1).await.unwrap();
        let (last, events) =
            (Replay::extent(&broker).await.unwrap().last, Replay::count(&broker, TOPICS).await.unwrap());
        assert_eq!(events, 6);
        let mut replay = Replay::new(&broker, TOPICS, 0, last);
        let mut versions: Vec<i64> = replay.next(2).await.unwrap().iter().map(|event| event.version).collect();
        // The broker forgets its readers.
        nats.kill();
        nats.restart().await;
        loop {
            let events = replay.next(3).await.unwrap();
            if events.is_empty() {
                break;
            }
            versions.extend(events.iter().map(|event| event.version));
        }
        assert_eq!(versions, [1, 2, 3, 4, 5, 6]);
    });
}
