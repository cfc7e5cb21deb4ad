//! Ends of spans as they are written: `2026-12-24`, or an RFC 3339 instant.

use axum::http::StatusCode;
use kernel::parse_bucket_date;
use reservation_domain::{SpanRequest, When};
use runtime::problem::Problem;

/// Reads both ends of a span, where given.
///
/// # Errors
/// 422 `invalid-span` names the end that does not read.
pub fn span(from: Option<&str>, to: Option<&str>) -> Result<SpanRequest, Problem> {
    Ok(SpanRequest { from: when("from", from)?, to: when("to", to)? })
}

fn when(name: &str, text: Option<&str>) -> Result<Option<When>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let read = parse_bucket_date(text).map(When::Day).or_else(|| text.parse().map(When::Instant).ok());
    match read {
        Some(when) => Ok(Some(when)),
        None => {
            let detail =
                format!("`{name}` is neither a date such as 2026-12-24 nor an instant such as 2026-12-24T09:00:00Z");
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-span", detail))
        }
    }
}
