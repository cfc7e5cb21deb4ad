//! The search's text and pattern: small letters made here, because each engine's `lower()` knows other alphabets.

/// Between the fields of a row's search text; no field may hold it, so that no match reaches over two of them.
const SEPARATOR: char = '\u{1f}';
/// Escapes in patterns. Engines disagree about backslashes inside of literals, so it is none.
pub const ESCAPE: char = '!';

/// What a row is searched by.
pub fn text(name: &str, place: Option<&str>, business: &str) -> String {
    let mut text = small(name);
    for field in [place.unwrap_or_default(), business] {
        text.push(SEPARATOR);
        text.push_str(&small(field));
    }
    text
}

/// The pattern of `LIKE` that finds `part` anywhere, each of its characters taken as it is.
pub fn pattern(part: &str) -> String {
    let mut pattern = String::from("%");
    for letter in small(part).chars() {
        if ['%', '_', ESCAPE].contains(&letter) {
            pattern.push(ESCAPE);
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Letter by letter: what stands around a letter must not change it, or a part would not be found in its whole.
fn small(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_taken_as_it_is() {
        assert_eq!(pattern("100% _!\\"), "%100!% !_!!\\%");
        assert_eq!(pattern("ÉTAGE"), "%étage%");
        assert_eq!(text("ΟΔΟΣ", Some("Île"), "b"), "οδοσ\u{1f}île\u{1f}b");
        assert_eq!(text("a", None, "b"), "a\u{1f}\u{1f}b");
    }
}
