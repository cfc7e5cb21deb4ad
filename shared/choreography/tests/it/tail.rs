//! The stream followed: in order, nothing missed and nothing twice, over the broker's restarts.
use crate::stream::Stream;
use choreography::{Broker, Replay, Tail, Tidings};
use std::time::Duration;
use testing::{Nats, SOON, run};
use tokio::time::timeout;
use uuid::Uuid;

const TOPICS: &[&str] = &["counter.added"];
/// How long what must not come is watched: longer than a pull.
const WATCH: Duration = Duration::from_millis(1_500);

/// A tail that has begun.
async fn begun(nats: &Nats) -> Tail {
    let broker = Broker::connect(&nats.url(), "follower", 1).await.unwrap();
    let mut tail = Tail::new(&broker, TOPICS);
    assert!(matches!(next(&mut tail).await, Tidings::Events(events) if events.is_empty()));
    tail
}

async fn next(tail: &mut Tail) -> Tidings {
    timeout(SOON, tail.next()).await.unwrap()
}

/// The ids of the next `count` events.
async fn ids(tail: &mut Tail, count: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    while ids.len() < count {
        match next(tail).await {
            Tidings::Events(events) => ids.extend(events.iter().map(|event| event.id.0)),
            Tidings::Anew => panic!("the stream is the same"),
        }
    }
    ids
}

async fn send(stream: &Stream, count: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(Uuid::now_v7());
        stream.send(ids[ids.len() - 1], Uuid::nil(), 1).await;
    }
    ids
}

#[test]
fn each_follower_gets_everything_from_where_it_began() {
    run(async {
        let nats = Nats::start().await;
        let mut first = begun(&nats).await;
        let stream = Stream::connect(&nats.url()).await;
        let early = send(&stream, 3).await;
        assert_eq!(ids(&mut first, 3).await, early);
        stream.send_garbage(b"noise").await;
        let mut second = begun(&nats).await;
        assert_eq!(second.position(), Some(4));
        let late = send(&stream, 300).await;
        assert_eq!(ids(&mut first, 300).await, late);
        assert_eq!(ids(&mut second, 300).await, late);
        assert_eq!((first.position(), second.position()), (Some(304), Some(304)));
    });
}

#[test]
fn a_follower_goes_on_where_it_stood_when_the_broker_is_back() {
    run(async {
        let mut nats = Nats::start().await;
        let mut tail = begun(&nats).await;
        let stream = Stream::connect(&nats.url()).await;
        let mut sent = send(&stream, 3).await;
        let mut seen = ids(&mut tail, 2).await;
        for _ in 0..2 {
            nats.kill();
            // Nobody answers; it waits, and whoever stops waiting loses nothing.
            assert!(timeout(WATCH, tail.next()).await.map_or(true, |tidings| {
                let Tidings::Events(events) = tidings else { panic!("nothing is lost") };
                seen.extend(events.iter().map(|event| event.id.0));
                true
            }));
            nats.restart().await;
            let stream = Stream::connect(&nats.url()).await;
            sent.extend(send(&stream, 5).await);
            seen.extend(ids(&mut tail, sent.len() - seen.len()).await);
        }
        assert_eq!(seen, sent);
    });
}

#[test]
fn a_follower_notices_that_the_stream_is_another() {
    run(async {
        let mut nats = Nats::start().await;
        let mut tail = begun(&nats).await;
        let stream = Stream::connect(&nats.url()).await;
        let saved = {
            send(&stream, 2).await;
            nats.stop();
            let saved = nats.save();
            nats.restart().await;
            saved
        };
        send(&Stream::connect(&nats.url()).await, 3).await;
        assert_eq!(ids(&mut tail, 5).await.len(), 5);
        // An older copy of the disk: what was seen behind it is gone, and other events are in its place.
        nats.stop();
        nats.restore(&saved);
        nats.restart().await;
        send(&Stream::connect(&nats.url()).await, 4).await;
        assert!(matches!(next(&mut tail).await, Tidings::Anew));
        let more = send(&Stream::connect(&nats.url()).await, 1).await;
        assert_eq!(ids(&mut tail, 1).await, more);
        // A lost disk: the stream is made again.
        nats.stop();
        nats.wipe();
        nats.restart().await;
        let broker = Broker::connect(&nats.url(), "reader", 1).await.unwrap();
        assert_eq!(Replay::extent(&broker).await.unwrap().last, 0);
        assert!(matches!(next(&mut tail).await, Tidings::Anew));
        assert_eq!(tail.position(), Some(0));
    });
}
