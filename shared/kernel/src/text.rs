//! Short names that people and systems give: bounded and printable.

use std::fmt;
use thiserror::Error;

/// Why a text is not a [`Label`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("1 to {} characters, none of them invisible but spaces between others", Label::CHARS_MAX)]
pub struct LabelError;

/// A name of 1 to [`Label::CHARS_MAX`] characters, all visible but spaces within: a guest, a business, a method. What cannot
/// be seen would let one name pass for another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(String);

impl Label {
    /// Longest label, in Unicode scalar values.
    pub const CHARS_MAX: usize = 64;

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl TryFrom<String> for Label {
    type Error = LabelError;
    fn try_from(text: String) -> Result<Self, LabelError> {
        let fits = (1..=Self::CHARS_MAX).contains(&text.chars().count());
        let visible = !text.chars().any(is_invisible) && text.trim() == text;
        if fits && visible { Ok(Self(text)) } else { Err(LabelError) }
    }
}

/// Control characters, zero widths, and what turns the direction of a text.
fn is_invisible(letter: char) -> bool {
    let formats = matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    letter.is_control() || formats
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_can_be_seen() {
        for good in ["mina", "민아 김", "O'Hara & Söhne/3", "🙂", &"x".repeat(64)] {
            assert!(Label::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", " ", " mina", "mina ", "a\nb", "\u{200b}", "mi\u{200b}na", "\u{202e}anim", &"x".repeat(65)] {
            assert!(Label::try_from(bad.to_owned()).is_err(), "{bad:?}");
        }
    }
}
