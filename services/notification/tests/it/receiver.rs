//! A webhook's receiver: a real HTTP server that verifies each signature with an implementation of its own.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::Uuid;

/// A secret that both sides know.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What it answers.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    Status(u16),
    /// Nothing, ever.
    Hang,
    /// 200, once another answer is set.
    Wait,
}

/// A post that arrived.
#[derive(Clone, Debug)]
pub struct Post {
    pub id: Uuid,
    pub timestamp: String,
    pub signature: String,
    pub body: Value,
}

/// A receiver with an address of its own; ends with the value.
pub struct Receiver {
    port: u16,
    desk: Arc<Desk>,
    server: JoinHandle<()>,
}

struct Desk {
    answer: Mutex<Answer>,
    posts: Mutex<Vec<Post>>,
    changed: Notify,
}

impl Receiver {
    pub async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let desk = Arc::new(Desk { answer: Mutex::new(answer), posts: Mutex::default(), changed: Notify::new() });
        let router = Router::new().fallback(receive).with_state(Arc::clone(&desk));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, desk, server }
    }

    /// How a recipient registers it.
    pub fn webhook(&self) -> Value {
        json!({ "url": format!("http://127.0.0.1:{}/hooks", self.port), "secret": SECRET })
    }

    /// Answers otherwise from now on.
    pub fn answer(&self, answer: Answer) {
        *self.desk.answer.lock().unwrap() = answer;
        self.desk.changed.notify_one();
    }

    /// Everything that arrived, in order.
    pub fn posts(&self) -> Vec<Post> {
        self.desk.posts.lock().unwrap().clone()
    }

    /// The ids that arrived.
    pub fn ids(&self) -> BTreeSet<Uuid> {
        self.posts().iter().map(|post| post.id).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn receive(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, StatusCode> {
    Webhook::new(SECRET).unwrap().verify(&body, &headers).map_err(|_| StatusCode::UNAUTHORIZED)?;
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let post = Post {
        id: header("webhook-id").parse().unwrap(),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: serde_json::from_slice(&body).unwrap(),
    };
    desk.posts.lock().unwrap().push(post);
    let answer = *desk.answer.lock().unwrap();
    match answer {
        Answer::Status(code) => Ok(StatusCode::from_u16(code).unwrap()),
        Answer::Hang => std::future::pending().await,
        Answer::Wait => {
            desk.changed.notified().await;
            Ok(StatusCode::OK)
        }
    }
}
