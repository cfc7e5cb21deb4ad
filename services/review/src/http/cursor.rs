//! A place as callers carry it: 16 hexadecimal digits of its time, 32 of its id.

use crate::store::Place;
use uuid::Uuid;

const DIGITS: usize = 48;

pub fn written(place: Place) -> String {
    format!("{:016x}{:032x}", place.posted_us.cast_unsigned(), place.id.as_u128())
}

pub fn read(text: &str) -> Option<Place> {
    let digits = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != DIGITS || !text.bytes().all(digits) {
        return None;
    }
    let (posted_us, id) = text.split_at_checked(16)?;
    Some(Place {
        posted_us: u64::from_str_radix(posted_us, 16).ok()?.cast_signed(),
        id: Uuid::from_u128(u128::from_str_radix(id, 16).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_it_was_written() {
        for posted_us in [1_790_000_000_000_001, 0, -1] {
            let at = Place { posted_us, id: Uuid::from_u128(7) };
            assert_eq!(read(&written(at)), Some(at));
        }
        for broken in ["", "x", &"g".repeat(48), &"F".repeat(48), &"f".repeat(49), &"é".repeat(24)] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }
}
