//! Ratings of guests: 1 to 5, and what many of them come to.

use thiserror::Error;

/// Why a number is not a [`Rating`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a rating is {} to {}", Rating::MIN, Rating::MAX)]
pub struct RatingError;

/// What a guest gives: 1 (poor) to 5 (excellent).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rating(i64);

impl Rating {
    pub const MIN: i64 = 1;
    pub const MAX: i64 = 5;

    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl TryFrom<i64> for Rating {
    type Error = RatingError;
    fn try_from(stars: i64) -> Result<Self, RatingError> {
        if (Self::MIN..=Self::MAX).contains(&stars) { Ok(Self(stars)) } else { Err(RatingError) }
    }
}

/// How many ratings there are, and their sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratings {
    pub count: i64,
    pub sum: i64,
}

impl Ratings {
    /// The average to two decimals, halves up (4.125 is 4.13); nothing without ratings. Counted in whole hundredths, so
    /// that everybody who knows the same ratings shows the same number.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "at most 500, which a float holds exactly")]
    pub fn average(self) -> Option<f64> {
        let (count, sum) = (i128::from(self.count), i128::from(self.sum));
        let hundredths = (200 * sum + count).checked_div(2 * count)?;
        Some(hundredths as f64 / 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rating_is_one_to_five() {
        assert_eq!((1..=5).map(|stars| Rating::try_from(stars).unwrap().get()).sum::<i64>(), 15);
        for stars in [i64::MIN, -1, 0, 6, i64::MAX] {
            assert_eq!(Rating::try_from(stars), Err(RatingError));
        }
    }

    #[test]
    fn an_average_has_two_decimals_halves_up() {
        for (count, sum, average) in
            [(0, 0, None), (1, 5, Some(5.0)), (3, 14, Some(4.67)), (3, 13, Some(4.33)), (8, 33, Some(4.13))]
        {
            assert_eq!(Ratings { count, sum }.average(), average, "{sum}/{count}");
        }
    }
}
