//! The words of a text, as the search compares them: letters and digits, small, in one of their many spellings.
//!
//! The index holds each beginning of each word, so that whoever looks for `lof` walks through the lofts in the order of the
//! pages and stops when a page is full; no search collects and sorts what it does not show.

use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

/// Two words that begin with the same so many letters are the same word.
const LETTERS_MAX: usize = 12;
/// Most beginnings that one offering is found by. The longest texts without spaces have more; their ends are not found.
const BEGINNINGS_MAX: usize = 600;

/// Everything that an offering with these texts is found by.
pub fn beginnings(texts: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for word in texts.iter().flat_map(|text| words(text)) {
        for start in starts(&word) {
            let letters = word.get(start..).unwrap_or_default();
            for (at, letter) in letters.char_indices().take(LETTERS_MAX) {
                if found.len() == BEGINNINGS_MAX {
                    return found;
                }
                found.extend(letters.get(..at + letter.len_utf8()).map(str::to_owned));
            }
        }
    }
    found
}

/// What a search asks for: each word once, without those that are the beginning of another, the longest first, because it
/// is likely to be the rarest.
pub fn asked(text: &str) -> Vec<String> {
    let mut asked: Vec<String> = words(text).map(|word| word.chars().take(LETTERS_MAX).collect()).collect();
    asked.sort_unstable();
    let words = asked.clone();
    let mut later = words.iter().skip(1);
    asked.retain(|word| later.next().is_none_or(|next| !next.starts_with(word.as_str())));
    asked.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    asked
}

/// A field's exact value beside the words: it has a sign, which no word has.
pub fn field(name: &str, value: &str) -> String {
    format!("{name}={value}")
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let composed: String = text.nfkc().collect();
    let words: Vec<String> = composed.split(|letter: char| !letter.is_alphanumeric()).map(small).collect();
    words.into_iter().filter(|word| !word.is_empty())
}

/// Letter by letter: what stands around a letter must not change it, or a beginning would not be found in its whole.
fn small(word: &str) -> String {
    word.chars().flat_map(char::to_lowercase).filter(|letter| letter.is_alphanumeric()).collect()
}

/// Where in a word a search may begin: at its first letter, and around letters of scripts that write words together.
fn starts(word: &str) -> impl Iterator<Item = usize> {
    let mut together = true;
    word.char_indices().filter_map(move |(at, letter)| {
        let before = std::mem::replace(&mut together, writes_together(letter));
        (before || together).then_some(at)
    })
}

/// Kana, Han and Hangul syllables.
fn writes_together(letter: char) -> bool {
    matches!(letter, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, part: &str) -> bool {
        let asked = asked(part);
        let beginnings = beginnings(&[text]);
        !asked.is_empty() && asked.iter().all(|word| beginnings.contains(word))
    }

    #[test]
    fn every_word_of_the_search_begins_a_word() {
        for (text, part, matches) in [
            ("Sunny LOFT, near the park", "park lof", true),
            ("Sunny LOFT, near the park", "oft", false),
            ("Sunny LOFT, near the park", "loft beach", false),
            ("Chambre d'ÉTÉ", "été", true),
            ("Cafe\u{301} ＷＩＤＥ", "café wide", true),
            ("ΟΔΟΣ", "οδος ΟΔ", false),
            ("ΟΔΟΣ", "οδοσ ΟΔ", true),
            ("İstanbul", "istan", true),
            ("한옥스테이", "스테이", true),
            ("\u{1112}\u{1161}\u{11ab}옥", "한옥", true),
            ("서울room", "ROOM", true),
            ("100% silk_sheets", "silk 100", true),
            ("100% silk_sheets", "%", false),
            ("antidisestablishment", "antidisestablishing", true),
            ("line\nbreak\tand\u{0}tab", "tab break", true),
        ] {
            assert_eq!(found(text, part), matches, "{text:?} {part:?}");
        }
    }

    #[test]
    fn a_search_asks_for_no_word_twice() {
        assert_eq!(asked("the park, THE parking pa"), ["parking", "the"]);
        assert_eq!(asked("  %_!  "), [""; 0]);
        assert_eq!(asked("a"), ["a"]);
    }

    #[test]
    fn beginnings_are_bounded() {
        assert_eq!(beginnings(&["loft", "lobby"]).len(), 7);
        assert_eq!(beginnings(&[&"한옥".repeat(100)]).len(), 24);
        let hostile: String = ('\u{ac00}'..).take(200).collect();
        assert_eq!(beginnings(&[&hostile, &hostile]).len(), BEGINNINGS_MAX);
    }
}
