//! A connection's stream that knows whether a request is on its way, and cuts off one whose head does not arrive.
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

/// The exchanges of one connection, seen by its stream and its handlers: odd while there is one.
#[derive(Clone, Default)]
pub(super) struct Exchanges(Arc<AtomicUsize>);

/// One request and its answer; it is over when this is dropped, with the answer's body.
pub(super) struct Exchange(Exchanges);

impl Exchanges {
    /// A request's head is here.
    pub(super) fn begin(&self) -> Exchange {
        self.0.fetch_add(1, Ordering::Relaxed);
        Exchange(self.clone())
    }

    /// Whether a request is being answered.
    pub(super) fn is_going_on(&self) -> bool {
        self.count() % 2 == 1
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// An answer's body, which ends its exchange.
pub(super) struct Answer {
    body: Body,
    _exchange: Exchange,
}

impl Answer {
    pub(super) const fn new(body: Body, exchange: Exchange) -> Self {
        Self { body, _exchange: exchange }
    }
}

impl hyper::body::Body for Answer {
    type Data = <Body as hyper::body::Body>::Data;
    type Error = <Body as hyper::body::Body>::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Reading fails once a head has been on its way for too long. Who sends nothing at all is not timed here.
pub(super) struct Stream {
    stream: TcpStream,
    exchanges: Exchanges,
    /// The count of exchanges at the last look.
    seen: usize,
    head_max: Duration,
    head_since: Option<Instant>,
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Stream {
    pub(super) fn new(stream: TcpStream, exchanges: Exchanges, head_max: Duration) -> Self {
        Self { stream, exchanges, seen: 0, head_max, head_since: None, deadline: None }
    }

    /// Ready when the head that is on its way is late.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(since) = self.head_since else { return Poll::Pending };
        let until = since + self.head_max;
        // Hardly any head comes in pieces, so that a timer is made for those alone.
        self.deadline.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until))).as_mut().poll(cx)
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let (count, before) = (self.exchanges.count(), buf.filled().len());
        if self.seen != count {
            (self.seen, self.head_since, self.deadline) = (count, None, None);
        }
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if self.exchanges.is_going_on() {
            return read;
        }
        if read.is_pending() {
            ready!(self.poll_late(cx));
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the head of a request did not arrive")));
        }
        if buf.filled().len() > before {
            self.head_since.get_or_insert_with(Instant::now);
        }
        read
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
