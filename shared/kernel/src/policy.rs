//! What an offering's owner may choose: kind, payment, outage and cancellation policy.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A word that is none of the choices of its field.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{word}` is none of {choices}")]
pub struct UnknownWord {
    word: String,
    choices: &'static str,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// The word used in the API, in events and in databases.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord {
                        word: text.chars().take(40).collect(),
                        choices: concat!($("`", $word, "` "),+),
                    }),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words!(
    /// How an offering's capacity is counted.
    Kind {
        /// Units per night; local dates, half-open.
        Nights = "nights",
        /// Units per slot of N minutes; instants on the offering's grid, half-open.
        Slots = "slots",
        /// Units for one performance.
        Seats = "seats",
        /// Seats for walk-in parties.
        Line = "line",
    }
);
words!(
    /// When money is taken.
    PaymentMode { Prepay = "prepay", SettleLater = "settle_later", None = "none" }
);
words!(
    /// What a prepay booking gets while payment cannot answer.
    OutagePolicy { Refuse = "refuse", Defer = "defer" }
);
words!(
    /// What becomes of money that arrives after the hold has expired.
    LateMoney { Refund = "refund", HonourIfFree = "honour_if_free" }
);

/// "Cancelled at least `before_hours` before the start: `refund_percent` comes back."
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancellationTier {
    /// Hours before the start, 0..=87,600 (ten years).
    pub before_hours: i64,
    /// Share that goes back, 0..=100.
    pub refund_percent: u8,
}

/// What can be wrong with a list of cancellation tiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PolicyError {
    #[error("at most {} cancellation tiers", CancellationTier::TIERS_MAX)]
    TooManyTiers,
    #[error("`refund_percent` is 0 to 100")]
    Percent,
    #[error("`before_hours` is 0 to {}", CancellationTier::HOURS_MAX)]
    Hours,
    #[error("two tiers have the same `before_hours`")]
    Repeated,
    #[error("a later cancel may not be refunded more than an earlier one")]
    Rising,
}

impl CancellationTier {
    /// Most tiers an offering may have.
    pub const TIERS_MAX: usize = 16;
    /// Earliest tier: ten years before the start, in hours.
    pub const HOURS_MAX: i64 = 87_600;
}

/// Sorts `tiers` from the earliest cancel to the latest and checks that no later cancel is refunded more.
///
/// # Errors
/// Each [`PolicyError`] names its rule.
pub fn validate_tiers(mut tiers: Vec<CancellationTier>) -> Result<Vec<CancellationTier>, PolicyError> {
    if tiers.len() > CancellationTier::TIERS_MAX {
        return Err(PolicyError::TooManyTiers);
    }
    if tiers.iter().any(|tier| tier.refund_percent > 100) {
        return Err(PolicyError::Percent);
    }
    if tiers.iter().any(|tier| !(0..=CancellationTier::HOURS_MAX).contains(&tier.before_hours)) {
        return Err(PolicyError::Hours);
    }
    tiers.sort_by_key(|tier| std::cmp::Reverse(tier.before_hours));
    for pair in tiers.windows(2) {
        if let [earlier, later] = pair {
            if earlier.before_hours == later.before_hours {
                return Err(PolicyError::Repeated);
            }
            if later.refund_percent > earlier.refund_percent {
                return Err(PolicyError::Rising);
            }
        }
    }
    Ok(tiers)
}

/// The share that goes back when a booking is cancelled `seconds_before` its start (negative: after it).
///
/// No tiers mean everything until the start and nothing after. With tiers, the latest tier that is still
/// far enough away applies, and nothing comes back past the last one.
#[must_use]
pub fn refund_percent(tiers: &[CancellationTier], seconds_before: i64) -> u8 {
    if tiers.is_empty() {
        return if seconds_before >= 0 { 100 } else { 0 };
    }
    tiers
        .iter()
        .filter(|tier| seconds_before >= tier.before_hours * 3600)
        .map(|tier| tier.refund_percent)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tier(before_hours: i64, refund_percent: u8) -> CancellationTier {
        CancellationTier { before_hours, refund_percent }
    }

    #[test]
    fn tiers_never_rise_as_the_start_nears() {
        assert_eq!(validate_tiers(vec![tier(24, 50), tier(72, 100)]), Ok(vec![tier(72, 100), tier(24, 50)]));
        assert_eq!(validate_tiers(vec![tier(24, 100), tier(72, 50)]), Err(PolicyError::Rising));
        assert_eq!(validate_tiers(vec![tier(24, 100), tier(24, 50)]), Err(PolicyError::Repeated));
        assert_eq!(validate_tiers(vec![tier(-1, 100)]), Err(PolicyError::Hours));
        assert_eq!(validate_tiers(vec![tier(1, 101)]), Err(PolicyError::Percent));
    }

    #[test]
    fn the_share_follows_the_tiers_to_the_second() {
        let tiers = [tier(72, 100), tier(24, 50)];
        assert_eq!(refund_percent(&tiers, 72 * 3600), 100);
        assert_eq!(refund_percent(&tiers, 72 * 3600 - 1), 50);
        assert_eq!(refund_percent(&tiers, 24 * 3600), 50);
        assert_eq!(refund_percent(&tiers, 24 * 3600 - 1), 0);
        assert_eq!(refund_percent(&[], 0), 100);
        assert_eq!(refund_percent(&[], -1), 0);
    }
}
