//! The server: one listener, one router, a bounded end.
use std::io;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Requests in flight have this long to end once the shutdown began, in seconds.
pub const DRAIN_SECONDS_MAX: u64 = 10;

/// Serves until `shutdown` is cancelled, then lets requests in flight end, for at most [`DRAIN_SECONDS_MAX`].
/// Handlers that stream must end their stream by the same token, or they are cut off then.
///
/// # Errors
/// The listener's address could not be read; a connection's fault never ends the server.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) -> io::Result<()> {
    serve_within(listener, router, shutdown, Duration::from_secs(DRAIN_SECONDS_MAX)).await
}

async fn serve_within(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    drain: Duration,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, "listening");
    // Answers are small: Nagle's algorithm would hold them back for the next one.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
    });
    let server = axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let deadline = async {
        shutdown.cancelled().await;
        tokio::time::sleep(drain).await;
    };
    tokio::select! {
        ended = server => ended,
        () = deadline => {
            tracing::warn!(%address, ?drain, "requests were still in flight when the drain was over");
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::Notify;

    use super::*;

    struct Running {
        server: tokio::task::JoinHandle<io::Result<()>>,
        stop: CancellationToken,
        connection: TcpStream,
        leave: Arc<Notify>,
    }

    /// A server with one request in flight that answers when told to leave.
    async fn with_a_request_in_flight(drain: Duration) -> Running {
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
        let router = Router::new().route("/", get(wait));
        let server = tokio::spawn(serve_within(listener, router, stop.clone(), drain));
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n").await.unwrap();
        entered.notified().await;
        Running { server, stop, connection, leave }
    }

    #[tokio::test]
    async fn finishes_what_is_in_flight() {
        let mut running = with_a_request_in_flight(Duration::from_secs(5)).await;
        running.stop.cancel();
        running.leave.notify_one();
        let mut answer = String::new();
        running.connection.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
        running.server.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn does_not_wait_for_ever() {
        let running = with_a_request_in_flight(Duration::from_millis(20)).await;
        running.stop.cancel();
        let ended = tokio::time::timeout(Duration::from_secs(5), running.server).await;
        ended.unwrap().unwrap().unwrap();
    }
}
