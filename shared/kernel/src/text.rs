//! Short names that people and systems give: bounded and printable.

use std::fmt;
use thiserror::Error;

/// Why a text is not a [`Label`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("1 to {} characters, none of them a control character", Label::CHARS_MAX)]
pub struct LabelError;

/// A name of 1 to [`Label::CHARS_MAX`] characters without control characters: a guest, a business, a method.
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
        if fits && !text.chars().any(char::is_control) { Ok(Self(text)) } else { Err(LabelError) }
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
