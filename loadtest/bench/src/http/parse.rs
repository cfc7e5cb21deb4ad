//! Reads the head of a response, however it arrives and whoever sent it.

use thiserror::Error;

/// A longer head is refused, in bytes.
pub const HEAD_BYTES_MAX: usize = 8 * 1024;
/// A longer body is refused, in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;
const END: &[u8] = b"\r\n\r\n";

/// What the head of a response says about the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub status: u16,
    /// Length of the head with its empty line, in bytes.
    pub head_bytes: usize,
    /// Length of the body, in bytes.
    pub body_bytes: usize,
    /// The connection ends after this response.
    pub close: bool,
    pub retry_after_seconds: Option<u64>,
}

/// Why the bytes are no response that this client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Malformed {
    #[error("the head is longer than {HEAD_BYTES_MAX} bytes")]
    HeadTooLong,
    #[error("the status line does not read")]
    StatusLine,
    #[error("a header line does not read")]
    Header,
    #[error("the content length is missing, repeated or no number")]
    Length,
    #[error("the body is longer than {BODY_BYTES_MAX} bytes")]
    BodyTooLong,
    #[error("a transfer encoding, which this client does not read")]
    Encoding,
}

/// The head at the start of `bytes`, or `None` while its end has not come.
///
/// # Errors
/// The bytes cannot become a head, whatever comes after them.
pub fn head(bytes: &[u8]) -> Result<Option<Head>, Malformed> {
    let within = bytes.get(..HEAD_BYTES_MAX).unwrap_or(bytes);
    let Some(end) = within.windows(END.len()).position(|window| window == END) else {
        return if bytes.len() >= HEAD_BYTES_MAX { Err(Malformed::HeadTooLong) } else { Ok(None) };
    };
    let text = std::str::from_utf8(within.get(..end).unwrap_or_default()).map_err(|_| Malformed::Header)?;
    let mut lines = text.split("\r\n");
    let (status, old) = status(lines.next().unwrap_or_default())?;
    let mut head = Head { status, head_bytes: end + END.len(), body_bytes: 0, close: old, retry_after_seconds: None };
    let mut length = None;
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(Malformed::Header)?;
        let value = value.trim_matches([' ', '\t']);
        if name.eq_ignore_ascii_case("content-length") {
            if length.replace(number(value)?).is_some() {
                return Err(Malformed::Length);
            }
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(Malformed::Encoding);
        } else if name.eq_ignore_ascii_case("connection") {
            head.close = value.eq_ignore_ascii_case("close") || (old && !value.eq_ignore_ascii_case("keep-alive"));
        } else if name.eq_ignore_ascii_case("retry-after") {
            head.retry_after_seconds = value.parse().ok();
        }
    }
    head.body_bytes = match (status, length) {
        (204 | 304, _) => 0,
        (_, Some(length)) => length,
        (_, None) => return Err(Malformed::Length),
    };
    if head.body_bytes > BODY_BYTES_MAX {
        return Err(Malformed::BodyTooLong);
    }
    Ok(Some(head))
}

/// The status, and whether the server speaks HTTP/1.0, which ends a connection unless it says otherwise.
fn status(line: &str) -> Result<(u16, bool), Malformed> {
    let (version, rest) = line.split_once(' ').ok_or(Malformed::StatusLine)?;
    let old = match version {
        "HTTP/1.1" => false,
        "HTTP/1.0" => true,
        _ => return Err(Malformed::StatusLine),
    };
    let code = rest.split(' ').next().unwrap_or_default();
    let digits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    let status = code.parse().map_err(|_| Malformed::StatusLine)?;
    // An interim answer (1xx) is never asked for.
    if digits && (200..600).contains(&status) { Ok((status, old)) } else { Err(Malformed::StatusLine) }
}

/// Digits only: `parse` alone would take a sign.
fn number(text: &str) -> Result<usize, Malformed> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Malformed::Length);
    }
    text.parse().map_err(|_| Malformed::BodyTooLong)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\nContent-Length: 11\r\n\
        location: /reservations/1\r\ndate: Mon, 01 Jan 2029 00:00:00 GMT\r\n\r\n";

    #[test]
    fn reads_a_head_whatever_follows_it() {
        let expected =
            Head { status: 202, head_bytes: ANSWER.len(), body_bytes: 11, close: false, retry_after_seconds: None };
        assert_eq!(head(ANSWER.as_bytes()), Ok(Some(expected)));
        assert_eq!(head(format!("{ANSWER}{{\"id\":\"1\"}}HTTP/1.1 500").as_bytes()), Ok(Some(expected)));
    }

    #[test]
    fn waits_for_the_rest_wherever_the_head_is_cut() {
        for cut in 0..ANSWER.len() {
            assert_eq!(head(&ANSWER.as_bytes()[..cut]), Ok(None), "cut at {cut}");
        }
    }

    #[test]
    fn says_when_the_connection_ends_and_when_to_come_back() {
        let read = |text: &str| head(text.as_bytes()).unwrap().unwrap();
        let shed = read(
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: 3\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        );
        assert_eq!((shed.status, shed.close, shed.retry_after_seconds), (503, true, Some(3)));
        assert!(read("HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n").close);
        assert!(!read("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\ncontent-length: 0\r\n\r\n").close);
        assert_eq!(read("HTTP/1.1 204 No Content\r\n\r\n").body_bytes, 0);
        assert_eq!(read("HTTP/1.1 200\r\ncontent-length: 0\r\nretry-after: soon\r\n\r\n").retry_after_seconds, None);
    }

    #[test]
    fn refuses_what_would_desynchronize_the_connection() {
        let cases = [
            ("HTTP/2 200\r\ncontent-length: 0\r\n\r\n", Malformed::StatusLine),
            ("HTTP/1.1\r\ncontent-length: 0\r\n\r\n", Malformed::StatusLine),
            ("HTTP/1.1 +20 OK\r\ncontent-length: 0\r\n\r\n", Malformed::StatusLine),
            ("HTTP/1.1 0200 OK\r\ncontent-length: 0\r\n\r\n", Malformed::StatusLine),
            ("HTTP/1.1 100 Continue\r\n\r\n", Malformed::StatusLine),
            ("HTTP/1.1 200 OK\r\n\r\n", Malformed::Length),
            ("HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\n", Malformed::Length),
            ("HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", Malformed::Length),
            ("HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\n", Malformed::Length),
            ("HTTP/1.1 200 OK\r\ncontent-length: 1, 1\r\n\r\n", Malformed::Length),
            ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n", Malformed::Length),
            ("HTTP/1.1 200 OK\r\ncontent-length: 1048577\r\n\r\n", Malformed::BodyTooLong),
            ("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\n", Malformed::BodyTooLong),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", Malformed::Encoding),
            ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", Malformed::Header),
            ("\r\n\r\n", Malformed::StatusLine),
        ];
        for (text, fault) in cases {
            assert_eq!(head(text.as_bytes()), Err(fault), "{text:?}");
        }
        assert_eq!(head(b"HTTP/1.1 200 OK\r\nname: \xff\r\n\r\n"), Err(Malformed::Header));
    }

    #[test]
    fn a_head_without_end_is_bounded() {
        let mut endless = b"HTTP/1.1 200 OK\r\nx: ".to_vec();
        endless.resize(HEAD_BYTES_MAX - 1, b'x');
        assert_eq!(head(&endless), Ok(None));
        endless.extend_from_slice(b"\r\n\r\n");
        assert_eq!(head(&endless), Err(Malformed::HeadTooLong));
    }
}
