//! Decisions about the one payment of each reservation.
#![doc = include_str!("../README.md")]

mod command;
mod follow;
mod payment;
#[cfg(test)]
mod permutations;
mod refund;
mod request;
mod settle;
mod take_up;
#[cfg(test)]
mod testing;
mod working;

pub use command::{Command, Decision, Next, Refusal, Told, Work, decide};
pub use follow::{Capture, Snapshot};
pub use payment::{Charge, Claim, Owner, Payment, Standing, State, Terms, Transition};
pub use refund::Giving;
pub use request::Ask;
pub use settle::Outcome;
pub use working::Working;
