//! Entity tags: an offering's version in quotes, and the precondition that names one.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use runtime::problem::Problem;

/// No offering has this version: the tag of something else.
const NO_VERSION: i64 = 0;

/// The tag of a version.
pub fn of(version: i64) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("\"{version}\"")).ok()
}

/// The version that the caller has seen, by `If-Match`.
///
/// # Errors
/// 428 `precondition-required` without it; 400 `invalid-if-match` unless it is one quoted tag.
pub fn seen(headers: &HeaderMap) -> Result<i64, Problem> {
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let Some(value) = values.next() else {
        let detail = "send If-Match with the version you have seen, such as \"3\"";
        return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "precondition-required", detail));
    };
    let text = value.to_str().ok().filter(|_| values.next().is_none()).map(str::trim);
    text.and_then(version).ok_or_else(|| {
        Problem::new(StatusCode::BAD_REQUEST, "invalid-if-match", "If-Match is one version in quotes, such as \"3\"")
    })
}

/// A weak tag never matches, and neither does one that is no version.
fn version(text: &str) -> Option<i64> {
    let (weak, text) = text.strip_prefix("W/").map_or((false, text), |strong| (true, strong));
    let tag = text.strip_prefix('"')?.strip_suffix('"')?;
    if tag.contains('"') {
        return None;
    }
    let canonical = tag.bytes().all(|byte| byte.is_ascii_digit()) && !tag.starts_with('0');
    Some(if weak || !canonical { NO_VERSION } else { tag.parse().unwrap_or(NO_VERSION) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_strong_tag_of_digits_is_a_version() {
        for (text, read) in [
            ("\"3\"", Some(3)),
            ("W/\"3\"", Some(0)),
            ("\"\"", Some(0)),
            ("\"+3\"", Some(0)),
            ("\"03\"", Some(0)),
            ("\"99999999999999999999\"", Some(0)),
            ("3", None),
            ("*", None),
            ("\"1\", \"2\"", None),
            ("\"", None),
            ("", None),
        ] {
            assert_eq!(version(text), read, "{text}");
        }
    }
}
