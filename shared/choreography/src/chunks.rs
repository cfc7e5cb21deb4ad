//! Rows and keys in pieces of few sizes, so that a database knows the statements.

/// Most bound parameters of one statement that every engine takes.
const PARAMETERS_MAX: usize = 30_000;

/// Cuts rows of so many columns into pieces for multi-row statements.
///
/// The number of rows of a piece is rounded down to its three leading binary digits, so that batches of every size share
/// a few dozen statements, which the database has parsed and planned once, and yet need two or three of them.
pub fn in_chunks<T>(mut rows: Vec<T>, columns: usize) -> impl Iterator<Item = Vec<T>> {
    let rows_max = rounded_down(PARAMETERS_MAX / columns.max(1));
    std::iter::from_fn(move || {
        if rows.is_empty() {
            return None;
        }
        let rest = rows.split_off(rounded_down(rows.len()).min(rows_max));
        Some(std::mem::replace(&mut rows, rest))
    })
}

/// Cuts the keys of an `IN (…)` list into pieces, each filled up to a power of two by repeating its last key.
pub fn key_chunks<K: Copy>(mut keys: Vec<K>) -> impl Iterator<Item = Vec<K>> {
    const KEYS_MAX: usize = PARAMETERS_MAX.next_power_of_two() / 2;
    std::iter::from_fn(move || {
        let rest = keys.split_off(KEYS_MAX.min(keys.len()));
        let mut piece = std::mem::replace(&mut keys, rest);
        let last = *piece.last()?;
        piece.resize(piece.len().next_power_of_two(), last);
        Some(piece)
    })
}

/// The largest number up to `count` that has no binary digits but its first three; at least 1.
const fn rounded_down(count: usize) -> usize {
    match count.checked_ilog2() {
        Some(power) if power > 2 => count >> (power - 2) << (power - 2),
        Some(_) => count,
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_have_few_sizes_and_make_the_whole() {
        for count in [0, 1, 2, 3, 200, 255, 256, 5_000] {
            let rows: Vec<usize> = (0..count).collect();
            let pieces: Vec<Vec<usize>> = in_chunks(rows.clone(), 29).collect();
            assert!(pieces.iter().all(|piece| piece.len() * 29 <= PARAMETERS_MAX));
            assert_eq!(pieces.concat(), rows);
            assert!(pieces.len() <= 3 || count > 256, "{count}");
        }
        let sizes: std::collections::BTreeSet<usize> = (1..=256).map(rounded_down).collect();
        assert_eq!(sizes.len(), 28);
    }

    #[test]
    fn keys_are_filled_up_with_their_last() {
        assert_eq!(key_chunks(vec![1, 2, 3]).collect::<Vec<_>>(), [[1, 2, 3, 3]]);
        assert_eq!(key_chunks(Vec::<i32>::new()).count(), 0);
        let many: Vec<usize> = (0..40_000).collect();
        let mut named: Vec<usize> = key_chunks(many.clone()).flatten().collect();
        named.dedup();
        assert_eq!(named, many);
    }
}
