//! Decisions about capacity and reservations.
#![doc = include_str!("../README.md")]

mod allotment;
mod attend;
mod cancel;
mod claim;
mod command;
mod expire;
#[cfg(test)]
mod fixture;
mod offering;
mod place;
mod reservation;
mod rules;
mod settle;
mod span;
mod working;

pub use allotment::{Allotments, Delta};
pub use cancel::{Quote, quote};
pub use claim::Claim;
pub use command::{Actor, Command, Decision, Refusal, Stage, Told, decide};
pub use offering::{Bookable, Offering};
pub use place::{Place, QUANTITY_MAX};
pub use reservation::{Booking, Capture, Purpose, Reason, Reservation, State, Transition};
pub use rules::{Removal, RuleRefusal, Shown, Taken, resting, shown};
pub use settle::Outcome;
pub use span::{Span, SpanRefusal, SpanRequest, When};
pub use working::Working;
