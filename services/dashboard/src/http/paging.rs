//! Pages: how many rows, and from where; a place as callers carry it.

use crate::store::Place;
use axum::http::{StatusCode, Uri};
use runtime::problem::Problem;
use uuid::Uuid;

/// Rows of a page, unless the caller says how many.
const LIMIT_USUAL: usize = 50;
const LIMIT_MAX: usize = 200;

/// Most rows of the page.
pub fn limit(asked: Option<i64>) -> Result<usize, Problem> {
    limit_up_to(asked, LIMIT_USUAL, LIMIT_MAX)
}

/// Most rows of a page that is not of the usual size.
pub fn limit_up_to(asked: Option<i64>, usual: usize, max: usize) -> Result<usize, Problem> {
    let Some(asked) = asked else { return Ok(usual) };
    let possible = usize::try_from(asked).ok().filter(|limit| (1..=max).contains(limit));
    possible.ok_or_else(|| impossible("invalid-limit", format!("`limit` is 1 to {max}")))
}

/// The same request for the page at `cursor`.
pub fn beside(uri: &Uri, cursor: &str) -> String {
    let query = uri.query().unwrap_or_default();
    let others = query.split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor="));
    let parts: Vec<String> = others.map(str::to_owned).chain([format!("cursor={cursor}")]).collect();
    format!("{}?{}", uri.path(), parts.join("&"))
}

/// A query that does not read.
pub fn unreadable(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid-query", detail)
}

/// Where the page before ended.
pub fn after<P>(cursor: Option<String>, read: impl Fn(&str) -> Option<P>) -> Result<Option<P>, Problem> {
    let broken =
        || Problem::new(StatusCode::BAD_REQUEST, "invalid-cursor", "`cursor` is the `next_cursor` of an earlier page");
    cursor.filter(|text| !text.is_empty()).map(|text| read(&text).ok_or_else(broken)).transpose()
}

/// A request that reads, but cannot be.
pub fn impossible(slug: &'static str, detail: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, slug, detail)
}

/// 16 hexadecimal digits of its time, 32 of its id.
pub fn written(place: Place) -> String {
    format!("{:016x}{:032x}", place.us.cast_unsigned(), place.id.as_u128())
}

/// A place as [`written`].
pub fn place(text: &str) -> Option<Place> {
    let (placed_us, key) = digits(text, 48)?.split_at_checked(16)?;
    Some(Place { us: u64::from_str_radix(placed_us, 16).ok()?.cast_signed(), id: id(key)? })
}

/// An id by its 32 hexadecimal digits.
pub fn id(text: &str) -> Option<Uuid> {
    Some(Uuid::from_u128(u128::from_str_radix(digits(text, 32)?, 16).ok()?))
}

fn digits(text: &str, count: usize) -> Option<&str> {
    let small = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    (text.len() == count && text.bytes().all(small)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_it_was_written() {
        for placed_us in [1_790_000_000_000_001, 0, -1] {
            let at = Place { us: placed_us, id: Uuid::from_u128(7) };
            assert_eq!(place(&written(at)), Some(at));
        }
        assert_eq!(id(&Uuid::from_u128(7).simple().to_string()), Some(Uuid::from_u128(7)));
        for broken in ["", "x", &"g".repeat(48), &"F".repeat(48), &"f".repeat(49), &"é".repeat(24), &"+".repeat(48)] {
            assert_eq!((place(broken), id(broken)), (None, None), "{broken}");
        }
    }
}
