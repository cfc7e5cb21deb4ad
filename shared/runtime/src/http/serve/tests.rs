//! The server's bounds and its end, by callers who behave badly.
use std::net::SocketAddr;

use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n";
/// Longer than any test may take.
const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(20);

struct Running {
    server: JoinHandle<io::Result<()>>,
    stop: CancellationToken,
    address: SocketAddr,
    entered: Arc<Notify>,
    leave: Arc<Notify>,
}

impl Running {
    /// A server whose `/` answers at once, and whose `/wait` answers when told to leave.
    async fn start(bounds: Bounds) -> Self {
        let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (inside, gone) = (Arc::clone(&entered), Arc::clone(&leave));
        let wait = async move || {
            inside.notify_one();
            gone.notified().await;
            "done"
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let router = Router::new().route("/wait", get(wait)).route("/", get(async || "here"));
        let server = tokio::spawn(serve_within(listener, router, stop.clone(), bounds));
        Self { server, stop, address, entered, leave }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// A connection with one request in flight.
    async fn in_flight(&self) -> TcpStream {
        let mut connection = self.connect().await;
        connection.write_all(b"GET /wait HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
        self.entered.notified().await;
        connection
    }

    async fn ends(self) {
        tokio::time::timeout(LONG, self.server).await.unwrap().unwrap().unwrap();
    }
}

/// Bounds that no test reaches unless it is about them.
fn wide() -> Bounds {
    Bounds { connections_max: 8, head: LONG, idle: LONG, linger: SHORT, drain: LONG }
}

async fn ask(connection: &mut TcpStream) -> String {
    connection.write_all(GET).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"here") {
        assert_ne!(connection.read_buf(&mut answer).await.unwrap(), 0, "{}", String::from_utf8_lossy(&answer));
    }
    String::from_utf8(answer).unwrap()
}

/// Reads until the server closes.
async fn rest(connection: &mut TcpStream) -> String {
    let mut rest = String::new();
    tokio::time::timeout(LONG, connection.read_to_string(&mut rest)).await.unwrap().unwrap();
    rest
}

#[tokio::test]
async fn finishes_what_is_in_flight_and_says_that_it_is_the_last() {
    let running = Running::start(wide()).await;
    let mut connection = running.in_flight().await;
    running.stop.cancel();
    running.leave.notify_one();
    let answer = rest(&mut connection).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    running.ends().await;
}

#[tokio::test]
async fn an_idle_caller_is_answered_once_more_while_it_drains() {
    let running = Running::start(Bounds { linger: LONG, ..wide() }).await;
    let mut connection = running.connect().await;
    assert!(!ask(&mut connection).await.contains("connection: close"));
    running.stop.cancel();
    assert!(ask(&mut connection).await.contains("connection: close\r\n"));
    assert_eq!(rest(&mut connection).await, "");
    // Who comes only now is served as well, for as long.
    assert!(ask(&mut running.connect().await).await.contains("connection: close\r\n"));
}

#[tokio::test]
async fn does_not_wait_for_ever() {
    let running = Running::start(Bounds { drain: SHORT, ..wide() }).await;
    let _connection = running.in_flight().await;
    running.stop.cancel();
    running.ends().await;
}

#[tokio::test]
async fn half_a_head_does_not_hold_up_the_end() {
    let running = Running::start(wide()).await;
    let mut connection = running.connect().await;
    connection.write_all(&GET[..10]).await.unwrap();
    running.stop.cancel();
    assert_eq!(rest(&mut connection).await, "");
    running.ends().await;
}

#[tokio::test]
async fn a_head_that_comes_too_slowly_is_cut_off_and_an_idle_connection_is_not() {
    let running = Running::start(Bounds { head: Duration::from_millis(200), ..wide() }).await;
    let (mut idle, mut slow) = (running.connect().await, running.connect().await);
    ask(&mut idle).await;
    ask(&mut slow).await;
    // The bound holds for every head, and each byte more does not begin it anew.
    slow.write_all(&GET[..1]).await.unwrap();
    let dripping = async {
        let (mut reading, mut writing) = slow.split();
        let mut drip = tokio::time::interval(SHORT);
        let mut byte = [0];
        loop {
            tokio::select! {
                end = reading.read(&mut byte) => return end.unwrap_or(0),
                _ = drip.tick() => drop(writing.write_all(b"G").await),
            }
        }
    };
    assert_eq!(tokio::time::timeout(LONG, dripping).await.expect("it is cut off"), 0);
    ask(&mut idle).await;
    drop(slow);
}

#[tokio::test]
async fn a_long_answer_is_no_late_head() {
    let running = Running::start(Bounds { head: SHORT, ..wide() }).await;
    let mut connection = running.in_flight().await;
    // Part of the next request is here already.
    connection.write_all(b"G").await.unwrap();
    tokio::time::timeout(10 * SHORT, std::future::pending::<()>()).await.unwrap_err();
    running.leave.notify_one();
    let mut answer = Vec::new();
    while !answer.ends_with(b"done") {
        assert_ne!(connection.read_buf(&mut answer).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn an_unused_connection_is_closed_in_the_end() {
    let running = Running::start(Bounds { idle: Duration::from_secs(1), ..wide() }).await;
    let (mut fresh, mut used) = (running.connect().await, running.connect().await);
    ask(&mut used).await;
    assert_eq!(rest(&mut used).await, "");
    assert_eq!(rest(&mut fresh).await, "");
}

#[tokio::test]
async fn one_connection_too_many_waits_for_its_turn() {
    let running = Running::start(Bounds { connections_max: 1, ..wide() }).await;
    let mut first = running.in_flight().await;
    let mut second = running.connect().await;
    second.write_all(GET).await.unwrap();
    let mut byte = [0];
    tokio::time::timeout(5 * SHORT, second.read(&mut byte)).await.expect_err("it is not served yet");
    running.leave.notify_one();
    first.shutdown().await.unwrap();
    assert!(rest(&mut first).await.ends_with("done"));
    tokio::time::timeout(LONG, second.read_exact(&mut byte)).await.unwrap().unwrap();
}
