//! Decisions about offerings: publish, change, retire.
#![doc = include_str!("../README.md")]

mod bookable;
mod change;
mod command;
mod draft;
mod offering;
mod payment;
mod publish;
mod retire;
mod rules;
#[cfg(test)]
mod sample;
mod terms;
mod working;

pub use bookable::{Bookable, SLOT_MINUTES_MAX, SLOT_MINUTES_MIN};
pub use change::{Change, Changes};
pub use command::{Command, Decision, Fact, Refusal, decide};
pub use draft::{Draft, DraftLine, DraftOpening, DraftRules, DraftTier};
pub use offering::{Offering, Status};
pub use payment::Payment;
pub use publish::Publish;
pub use terms::{DESCRIPTION_CHARS_MAX, HOLD_SECONDS, Invalid, NAME_CHARS_MAX, PLACE_CHARS_MAX, Terms, UNITS_MAX};
pub use working::Working;
