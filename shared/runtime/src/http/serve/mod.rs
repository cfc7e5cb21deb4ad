//! The server: one listener, one router, bounds on its connections, a polite end.
use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::head::{Answer, Exchange, Exchanges, Stream};

/// Requests in flight have this long to end once the shutdown began, in seconds.
pub const DRAIN_SECONDS_MAX: u64 = 10;
/// Connections at once; the next one waits to be accepted.
const CONNECTIONS_MAX: usize = 8_192;
/// A request's head has this long from its first byte to its last.
const HEAD_SECONDS_MAX: u64 = 10;
/// A connection without a request is kept so long: longer than callers keep theirs (a mesh and [`super::client()`] 30 s), so
/// that it is they who close it and none of them sends into a connection that is being closed.
pub(super) const IDLE_SECONDS_MAX: u64 = 75;
/// Once the shutdown began, all is answered so long as before, but with `connection: close`: for callers who have not
/// heard of it.
const LINGER_MS: u64 = 500;
/// Pause after the system had no room for a connection.
const ACCEPT_PAUSE_MS: u64 = 100;

#[derive(Clone, Copy)]
struct Bounds {
    connections_max: usize,
    head: Duration,
    idle: Duration,
    linger: Duration,
    drain: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections_max: CONNECTIONS_MAX,
            head: Duration::from_secs(HEAD_SECONDS_MAX),
            idle: Duration::from_secs(IDLE_SECONDS_MAX),
            linger: Duration::from_millis(LINGER_MS),
            drain: Duration::from_secs(DRAIN_SECONDS_MAX),
        }
    }
}

/// Serves until `shutdown` is cancelled; then lets callers go and requests in flight end, for at most
/// [`DRAIN_SECONDS_MAX`]. Handlers that stream must end their stream by the same token, or they are cut off then.
///
/// # Errors
/// The listener's address could not be read; a connection's fault never ends the server.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) -> io::Result<()> {
    serve_within(listener, router, shutdown, Bounds::default()).await
}

async fn serve_within(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
    bounds: Bounds,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, "listening");
    // Routes are made once and not with every request.
    let router = router.with_state(());
    let server = Arc::new(Server { router, bounds, shutdown, closing: CancellationToken::new() });
    let (room, connections) = (Arc::new(Semaphore::new(bounds.connections_max)), TaskTracker::new());
    let accept = async {
        while let Ok(place) = Arc::clone(&room).acquire_owned().await {
            let stream = accepted(&listener).await;
            connections.spawn(Arc::clone(&server).connection(stream, place));
        }
    };
    let linger = async {
        server.shutdown.cancelled().await;
        tokio::time::sleep(bounds.linger).await;
    };
    tokio::select! {
        () = accept => {}
        () = linger => {}
    }
    // From here on nobody new is let in.
    drop(listener);
    server.closing.cancel();
    connections.close();
    if tokio::time::timeout(bounds.drain, connections.wait()).await.is_err() {
        tracing::warn!(%address, drain = ?bounds.drain, "requests were still in flight when the drain was over");
    }
    Ok(())
}

/// The next connection; what goes wrong with one is not the listener's end.
async fn accepted(listener: &TcpListener) -> TcpStream {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) => {}
            Err(error) => {
                tracing::error!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
            }
        }
    }
}

/// What all connections of one listener share.
struct Server {
    router: Router,
    bounds: Bounds,
    /// From here on each answer says that it is the connection's last.
    shutdown: CancellationToken,
    /// From here on connections end with what they are at.
    closing: CancellationToken,
}

impl Server {
    async fn connection(self: Arc<Self>, stream: TcpStream, _place: OwnedSemaphorePermit) {
        // Answers are small: Nagle's algorithm would hold them back for the next one.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let exchanges = Exchanges::default();
        let stream = TokioIo::new(Stream::new(stream, exchanges.clone(), self.bounds.head));
        let answer = service_fn(|request| self.answer(request, exchanges.begin()));
        let mut builder = http1::Builder::new();
        // This clock also runs while nothing is asked, so that it can only be the longer one of the two.
        builder.timer(TokioTimer::new()).header_read_timeout(self.bounds.idle);
        let mut connection = pin!(builder.serve_connection(stream, answer));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.closing.cancelled() => {
                connection.as_mut().graceful_shutdown();
                match tokio::time::timeout(self.bounds.linger, connection.as_mut()).await {
                    Ok(ended) => ended,
                    Err(_) if exchanges.is_going_on() => connection.await,
                    // Half a head, which has had the linger to become a whole one.
                    Err(_) => Ok(()),
                }
            }
        };
        if let Err(error) = ended {
            tracing::trace!(%error, "a connection ended");
        }
    }

    async fn answer(&self, request: Request<Incoming>, exchange: Exchange) -> Result<Response<Answer>, Infallible> {
        let mut response = self.router.clone().oneshot(request).await?;
        if self.shutdown.is_cancelled() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response.map(|body| Answer::new(body, exchange)))
    }
}

#[cfg(test)]
mod tests;
