//! How a store runs its line.

use crate::rules::{DAY_MINUTES, minute, time_text};
use thiserror::Error;

/// What can be wrong with the rules of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LineError {
    #[error("only a `line` has them")]
    Kind,
    #[error("`passes_max` is 0 to {}", LineRules::TIMES_MAX)]
    Passes,
    #[error("`call_minutes` is 1 to {}", LineRules::CALL_MINUTES_MAX)]
    CallMinutes,
    #[error("`deferrals_max` is 0 to {}", LineRules::TIMES_MAX)]
    Deferrals,
    #[error("`day_starts_at` is a local time `HH:MM`, before 24:00")]
    DayStart,
}

/// How a store runs its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRules {
    /// How often a bigger party may be passed over before seats are kept for it.
    pub passes_max: i64,
    /// Minutes that a called party has to come.
    pub call_minutes: i64,
    /// How often a party may defer.
    pub deferrals_max: i64,
    /// Local minute of the day at which a service day begins.
    day_starts_at: u16,
}

impl Default for LineRules {
    fn default() -> Self {
        Self { passes_max: 3, call_minutes: 5, deferrals_max: 2, day_starts_at: 5 * 60 }
    }
}

impl LineRules {
    /// Most passes and deferrals.
    pub const TIMES_MAX: i64 = 100;
    /// A day.
    pub const CALL_MINUTES_MAX: i64 = 1_440;

    /// These rules with the service day beginning at `text`, a local `HH:MM`.
    ///
    /// # Errors
    /// [`LineError::DayStart`].
    pub fn with_day_starting(self, text: &str) -> Result<Self, LineError> {
        let day_starts_at = minute(text).filter(|minute| *minute < DAY_MINUTES).ok_or(LineError::DayStart)?;
        Ok(Self { day_starts_at, ..self })
    }

    /// `HH:MM` at which a service day begins.
    #[must_use]
    pub fn day_starts_at(&self) -> String {
        time_text(self.day_starts_at)
    }

    /// Checks the bounds.
    ///
    /// # Errors
    /// Each [`LineError`] names its rule.
    pub fn checked(self) -> Result<Self, LineError> {
        if !(0..=Self::TIMES_MAX).contains(&self.passes_max) {
            return Err(LineError::Passes);
        }
        if !(1..=Self::CALL_MINUTES_MAX).contains(&self.call_minutes) {
            return Err(LineError::CallMinutes);
        }
        if !(0..=Self::TIMES_MAX).contains(&self.deferrals_max) {
            return Err(LineError::Deferrals);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_bounds_and_a_morning() {
        let usual = LineRules::default();
        assert_eq!((usual.checked(), usual.day_starts_at().as_str()), (Ok(usual), "05:00"));
        assert_eq!(usual.with_day_starting("23:59").map(|line| line.day_starts_at()), Ok("23:59".to_owned()));
        assert_eq!(usual.with_day_starting("24:00"), Err(LineError::DayStart));
        for (line, fault) in [
            (LineRules { passes_max: -1, ..usual }, LineError::Passes),
            (LineRules { passes_max: 101, ..usual }, LineError::Passes),
            (LineRules { call_minutes: 0, ..usual }, LineError::CallMinutes),
            (LineRules { call_minutes: 1_441, ..usual }, LineError::CallMinutes),
            (LineRules { deferrals_max: -1, ..usual }, LineError::Deferrals),
            (LineRules { deferrals_max: 101, ..usual }, LineError::Deferrals),
        ] {
            assert_eq!(line.checked(), Err(fault));
        }
    }
}
