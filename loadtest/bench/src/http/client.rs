//! One keep-alive connection, one request at a time, its buffers used again.

use super::parse::{self, BODY_BYTES_MAX, HEAD_BYTES_MAX, Head, Malformed};
use std::io::{ErrorKind, Write};
use std::str::FromStr;
use std::time::Duration;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A call that takes longer is given up, in seconds; a service gives up its handlers after 10.
const CALL_SECONDS_MAX: u64 = 20;
/// Read at once, in bytes; an answer of the platform fits.
const READ_BYTES: usize = 8 * 1024;

/// Where a service is: `http://host:port`, and a path before all paths if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    authority: String,
    prefix: String,
}

/// What is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("an address is `http://host:port`; other schemes are not spoken here")]
pub struct NoAddress;

impl FromStr for Address {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let rest = text.strip_prefix("http://").ok_or(NoAddress)?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let visible = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
        if authority.is_empty() || !visible(rest) {
            return Err(NoAddress);
        }
        let port = if authority.contains(':') { "" } else { ":80" };
        let path = path.trim_end_matches('/');
        let prefix = if path.is_empty() { String::new() } else { format!("/{path}") };
        Ok(Self { authority: format!("{authority}{port}"), prefix })
    }
}

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum Fault {
    #[error("no answer in {CALL_SECONDS_MAX} s")]
    Timeout,
    #[error("the connection ended within an answer")]
    Cut,
    #[error("more came than the answer")]
    Surplus,
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("{0}")]
    Connection(ErrorKind),
}

impl From<std::io::Error> for Fault {
    fn from(fault: std::io::Error) -> Self {
        Self::Connection(fault.kind())
    }
}

/// An answer, which lies in the client's buffer.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'c> {
    pub status: u16,
    pub retry_after_seconds: Option<u64>,
    pub body: &'c [u8],
}

/// A client with at most one connection.
#[derive(Debug)]
pub struct Client {
    address: Address,
    stream: Option<TcpStream>,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Client {
    pub fn new(address: &Address) -> Self {
        Self { address: address.clone(), stream: None, request: Vec::new(), answer: Vec::new() }
    }

    pub async fn get(&mut self, path: &str) -> Result<Answer<'_>, Fault> {
        self.request.clear();
        let Address { authority, prefix } = &self.address;
        write!(self.request, "GET {prefix}{path} HTTP/1.1\r\nhost: {authority}\r\n\r\n")?;
        self.call().await
    }

    /// Posts JSON under an idempotency key.
    pub async fn post(&mut self, path: &str, key: &str, body: &[u8]) -> Result<Answer<'_>, Fault> {
        self.request.clear();
        let Address { authority, prefix } = &self.address;
        write!(
            self.request,
            "POST {prefix}{path} HTTP/1.1\r\nhost: {authority}\r\ncontent-type: application/json\r\n\
             idempotency-key: {key}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )?;
        self.request.extend_from_slice(body);
        self.call().await
    }

    /// After a fault the connection is not used again: what still comes on it would answer another request.
    async fn call(&mut self) -> Result<Answer<'_>, Fault> {
        let timed = tokio::time::timeout(Duration::from_secs(CALL_SECONDS_MAX), self.exchange()).await;
        let head = match timed.unwrap_or(Err(Fault::Timeout)) {
            Ok(head) => head,
            Err(fault) => {
                self.stream = None;
                return Err(fault);
            }
        };
        if head.close {
            self.stream = None;
        }
        let body = self.answer.get(head.head_bytes..).unwrap_or_default();
        Ok(Answer { status: head.status, retry_after_seconds: head.retry_after_seconds, body })
    }

    async fn exchange(&mut self) -> Result<Head, Fault> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                let stream = TcpStream::connect(&self.address.authority).await?;
                stream.set_nodelay(true)?;
                none.insert(stream)
            }
        };
        stream.write_all(&self.request).await?;
        self.answer.clear();
        let mut head = None;
        loop {
            let room = HEAD_BYTES_MAX + BODY_BYTES_MAX - self.answer.len();
            let read = (&mut *stream).take(room.min(READ_BYTES) as u64).read_buf(&mut self.answer).await?;
            if read == 0 {
                return Err(Fault::Cut);
            }
            if head.is_none() {
                head = parse::head(&self.answer)?;
            }
            let Some(head) = head else { continue };
            match self.answer.len().cmp(&(head.head_bytes + head.body_bytes)) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => return Ok(head),
                std::cmp::Ordering::Greater => return Err(Fault::Surplus),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    const ANSWER: &str = "HTTP/1.1 201 Created\r\ncontent-length: 11\r\n\r\n{\"id\":\"42\"}";

    /// Answers each connection with one of `scripts`, piece by piece, to whatever it is asked.
    async fn server(scripts: Vec<Vec<Vec<u8>>>) -> Address {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move {
            for script in scripts {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let mut asked = [0; 1024];
                assert!(stream.read(&mut asked).await.unwrap() > 0);
                for piece in script {
                    stream.write_all(&piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
        });
        address
    }

    #[tokio::test]
    async fn an_answer_may_come_in_two_pieces_cut_anywhere() {
        let bytes = ANSWER.as_bytes();
        let scripts = (1..bytes.len()).map(|cut| vec![bytes[..cut].to_vec(), bytes[cut..].to_vec()]).collect();
        let address = server(scripts).await;
        for cut in 1..bytes.len() {
            let mut client = Client::new(&address);
            let answer = client.post("/reservations", "k", b"{}").await.unwrap();
            assert_eq!((answer.status, answer.body), (201, &b"{\"id\":\"42\"}"[..]), "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_cut_or_swollen_answer_is_a_fault_and_the_next_call_connects_anew() {
        let whole = ANSWER.as_bytes().to_vec();
        let swollen = [ANSWER.as_bytes(), b"HTTP/1.1 200 OK\r\n"].concat();
        let address =
            server(vec![vec![whole[..whole.len() - 1].to_vec()], vec![swollen], vec![Vec::new()], vec![whole]]).await;
        let mut client = Client::new(&address);
        assert!(matches!(client.get("/").await, Err(Fault::Cut)));
        assert!(matches!(client.get("/").await, Err(Fault::Surplus)));
        assert!(matches!(client.get("/").await, Err(Fault::Cut | Fault::Connection(_))));
        assert_eq!(client.get("/").await.unwrap().status, 201);
    }

    #[test]
    fn an_address_has_a_host_and_maybe_a_path() {
        let parts = |text: &str| text.parse::<Address>().map(|address| (address.authority, address.prefix));
        assert_eq!(parts("http://localhost:8080/"), Ok(("localhost:8080".into(), String::new())));
        assert_eq!(parts("http://gateway/api/v1/"), Ok(("gateway:80".into(), "/api/v1".into())));
        for text in ["https://localhost", "localhost:8080", "http://", "http:///x", "http://a b", "http://a/\r\nx: y"] {
            assert_eq!(parts(text), Err(NoAddress), "{text}");
        }
    }
}
