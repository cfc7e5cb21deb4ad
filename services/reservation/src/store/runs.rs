//! Buckets as a short text, and back.

use super::convert::{corrupt, parse};
use kernel::Bucket;
use sea_orm::DbErr;

/// Buckets as runs of equal steps: a stay of a year is one short text.
pub(super) fn buckets_text(buckets: &[Bucket]) -> String {
    let mut runs: Vec<(i64, i64, i64)> = Vec::new();
    for bucket in buckets {
        match runs.last_mut() {
            Some((first, count, step)) if *count == 1 => {
                (*count, *step) = (2, bucket.0 - *first);
            }
            Some((first, count, step)) if bucket.0 == *first + *count * *step => *count += 1,
            _ => runs.push((bucket.0, 1, 0)),
        }
    }
    let texts: Vec<String> = runs.iter().map(|(first, count, step)| format!("{first}+{count}*{step}")).collect();
    texts.join(",")
}

/// Reads [`buckets_text`].
pub(super) fn buckets_of(text: &str) -> Result<Vec<Bucket>, DbErr> {
    let mut buckets = Vec::new();
    for run in text.split(',') {
        let parts =
            run.split_once('+').and_then(|(first, rest)| rest.split_once('*').map(|(n, step)| (first, n, step)));
        let (first, count, step) = parts.ok_or_else(|| corrupt("buckets"))?;
        let (first, step): (i64, i64) = (parse("buckets", first)?, parse("buckets", step)?);
        let count: i64 = parse("buckets", count)?;
        buckets.extend((0..count.min(10_000)).map(|n| Bucket(first + n * step)));
    }
    Ok(buckets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_survive_as_runs() {
        for buckets in [vec![7], vec![1, 2, 3], vec![0, 3600, 7200, 14_400], vec![5, 9], vec![1, 2, 4, 5, 6, 100]] {
            let buckets: Vec<Bucket> = buckets.into_iter().map(Bucket).collect();
            assert_eq!(buckets_of(&buckets_text(&buckets)).unwrap(), buckets);
        }
        let year: Vec<Bucket> = (20_000..20_365).map(Bucket).collect();
        assert_eq!(buckets_text(&year), "20000+365*1");
    }
}
