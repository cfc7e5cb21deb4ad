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
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    tracing::info!(%address, "listening");
    // Answers are small: Nagle's algorithm would hold them back for the next one.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
    });
    let server =
        axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
    let deadline = async {
        shutdown.cancelled().await;
        tokio::time::sleep(Duration::from_secs(DRAIN_SECONDS_MAX)).await;
    };
    tokio::select! {
        ended = server => ended,
        () = deadline => {
            tracing::warn!(%address, "requests were still in flight after {DRAIN_SECONDS_MAX} s");
            Ok(())
        }
    }
}
