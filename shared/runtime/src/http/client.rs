//! The client for calls to our own processes.
use std::time::Duration;

use super::serve::IDLE_SECONDS_MAX;

/// A connection without a request is kept so long: shorter than the server keeps it, so that no request is sent into a
/// connection that is being closed.
const KEPT_SECONDS_MAX: u64 = 30;
const _: () = assert!(KEPT_SECONDS_MAX < IDLE_SECONDS_MAX);

/// A client of our own [`serve`](super::serve()), wherever it stands: what is inside is reached directly, whatever proxy the
/// environment names for calls to others. How long a call may take is its caller's to say.
#[must_use]
pub fn client() -> reqwest::Client {
    keeping(Duration::from_secs(KEPT_SECONDS_MAX))
}

#[expect(clippy::expect_used, reason = "without TLS there is nothing that can fail; reqwest's own `new` expects more")]
fn keeping(kept: Duration) -> reqwest::Client {
    reqwest::Client::builder().no_proxy().pool_idle_timeout(kept).build().expect("a client without TLS")
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    /// Longer than the test may take, and shorter than what is kept by default.
    const LONG: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn it_is_the_client_that_closes_what_idles() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut heard = Vec::new();
            while !heard.ends_with(b"\r\n\r\n") {
                connection.read_buf(&mut heard).await.unwrap();
            }
            connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere").await.unwrap();
            connection.read_buf(&mut heard).await.unwrap()
        });
        let client = keeping(SHORT);
        assert_eq!(client.get(&url).send().await.unwrap().text().await.unwrap(), "here");
        assert_eq!(tokio::time::timeout(LONG, server).await.unwrap().unwrap(), 0, "nothing more comes");
    }
}
