//! Money as integer minor units and an ISO 4217 code; every operation is checked.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// What can be wrong with an amount or a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MoneyError {
    #[error("a currency is three capital letters (ISO 4217)")]
    Currency,
    #[error("the amount exceeds {} minor units", Money::AMOUNT_MAX)]
    TooLarge,
    #[error("the amount is negative")]
    Negative,
}

/// An ISO 4217 alphabetic code, such as `KRW`; its shape is checked, not its presence in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The three letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let letters: [u8; 3] = text.as_bytes().try_into().map_err(|_| MoneyError::Currency)?;
        if letters.iter().all(u8::is_ascii_uppercase) { Ok(Self(letters)) } else { Err(MoneyError::Currency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount of 0 to [`Money::AMOUNT_MAX`] minor units of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    amount: i64,
    currency: Currency,
}

impl Money {
    /// The largest amount, in minor units: exactly representable in every JSON reader (2^53 − 1).
    pub const AMOUNT_MAX: i64 = 9_007_199_254_740_991;

    /// # Errors
    /// A negative amount, or one above [`Money::AMOUNT_MAX`].
    pub fn new(amount: i64, currency: Currency) -> Result<Self, MoneyError> {
        if amount < 0 {
            return Err(MoneyError::Negative);
        }
        if amount > Self::AMOUNT_MAX {
            return Err(MoneyError::TooLarge);
        }
        Ok(Self { amount, currency })
    }

    /// Minor units, 0 or more.
    #[must_use]
    pub const fn amount(&self) -> i64 {
        self.amount
    }

    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.amount == 0
    }

    /// This price for `quantity` units over `buckets` buckets.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] instead of an overflow.
    pub fn times(&self, quantity: i64, buckets: i64) -> Result<Self, MoneyError> {
        let amount =
            self.amount.checked_mul(quantity).and_then(|part| part.checked_mul(buckets)).ok_or(MoneyError::TooLarge)?;
        Self::new(amount, self.currency)
    }

    /// What a business keeps when `refund_percent` (0..=100) goes back: the rest, rounded down.
    #[must_use]
    pub fn kept_after(&self, refund_percent: u8) -> i64 {
        let kept_percent = i128::from(100 - refund_percent.min(100));
        let kept = i128::from(self.amount) * kept_percent / 100;
        i64::try_from(kept).unwrap_or(self.amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn won(amount: i64) -> Money {
        Money::new(amount, "KRW".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_currency_is_three_capitals() {
        assert!("KRW".parse::<Currency>().is_ok());
        for bad in ["krw", "KR", "KRWX", "K1W", "₩₩₩", ""] {
            assert_eq!(bad.parse::<Currency>(), Err(MoneyError::Currency));
        }
    }

    #[test]
    fn a_product_never_overflows() {
        assert_eq!(won(Money::AMOUNT_MAX).times(2, 1), Err(MoneyError::TooLarge));
        assert_eq!(won(i64::from(i32::MAX)).times(i64::MAX, i64::MAX), Err(MoneyError::TooLarge));
        assert_eq!(won(120_000).times(2, 3), Ok(won(720_000)));
    }

    proptest! {
        #[test]
        fn kept_and_refunded_make_the_whole(amount in 0..=Money::AMOUNT_MAX, percent in 0u8..=100) {
            let kept = won(amount).kept_after(percent);
            prop_assert!((0..=amount).contains(&kept));
            // Rounding down costs the business less than one minor unit, never the guest.
            let exact_hundredths = i128::from(amount) * i128::from(100 - percent);
            let lost = exact_hundredths - i128::from(kept) * 100;
            prop_assert!((0..100).contains(&lost));
        }
    }
}
