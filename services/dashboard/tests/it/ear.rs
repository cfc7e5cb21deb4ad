//! Somebody who listens to the live stream.

use crate::fixture::{Replica, Stage};
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, Response};
use futures_util::StreamExt;
use serde_json::Value;
use std::time::Duration;
use testing::SOON;
use tokio::time::timeout;
use tower::ServiceExt;

/// How long silence is watched.
const WATCH: Duration = Duration::from_millis(300);

/// One event of the stream as a listener reads it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    pub id: Option<u64>,
    /// `message` unless it says otherwise.
    pub event: Option<String>,
    pub data: Value,
    pub comment: Option<String>,
}

/// An open connection.
pub struct Ear {
    chunks: BodyDataStream,
    text: String,
    /// The last id that was heard.
    pub last: Option<u64>,
}

impl Replica {
    /// Asks for the stream, and gets the head of an answer.
    pub async fn ask_to_listen(&self, query: &str, last: Option<u64>) -> Response<Body> {
        let mut request = Request::builder().uri(format!("/dashboard/stream?{query}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        self.public.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    /// Listens, as soon as the replica follows the stream.
    pub async fn listen(&self, query: &str, last: Option<u64>) -> Ear {
        let answer = testing::eventually("the stream", SOON, async || {
            let answer = self.ask_to_listen(query, last).await;
            testing::check(answer, |answer| answer.status() != 503)
        })
        .await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Ear { chunks: answer.into_body().into_data_stream(), text: String::new(), last }
    }
}

impl Ear {
    /// The next event or sign of life; none at the end.
    pub async fn anything(&mut self) -> Option<Heard> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let heard = heard(block);
                self.text = rest.to_owned();
                self.last = heard.id.or(self.last);
                return Some(heard);
            }
            let chunk = timeout(SOON, self.chunks.next()).await.unwrap()?.ok()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event; none at the end.
    pub async fn next(&mut self) -> Option<Heard> {
        loop {
            let heard = self.anything().await?;
            if heard.comment.is_none() {
                return Some(heard);
            }
        }
    }

    /// The ids of the next `count` events.
    pub async fn events(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        while events.len() < count {
            let heard = self.next().await.unwrap();
            assert_eq!(heard.event, None, "{heard:?}");
            events.push(heard.data);
        }
        events
    }

    /// Nothing comes but signs of life.
    pub async fn is_silent(&mut self) {
        if let Ok(heard) = timeout(WATCH, self.next()).await {
            panic!("heard {heard:?}");
        }
    }
}

fn heard(block: &str) -> Heard {
    let mut heard = Heard::default();
    for line in block.lines() {
        let (name, value) = line.split_once(':').unwrap();
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "id" => heard.id = Some(value.parse().unwrap()),
            "event" => heard.event = Some(value.to_owned()),
            "data" => heard.data = serde_json::from_str(value).unwrap(),
            "" => heard.comment = Some(value.to_owned()),
            other => panic!("{other} in {block}"),
        }
    }
    heard
}

/// What of an event tells it from others: its type, its case and its version.
pub fn told(event: &Value) -> (String, String, i64) {
    let text = |name: &str| event[name].as_str().unwrap().to_owned();
    (text("type"), text("correlation"), event["version"].as_i64().unwrap())
}

impl Stage {
    /// Ends the broker as a crash does, and starts it again.
    pub async fn crash_broker(&mut self) {
        self.nats.kill();
        self.nats.restart().await;
    }
}
