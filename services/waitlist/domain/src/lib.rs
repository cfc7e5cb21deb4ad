//! Decisions about walk-in lines and the parties in them.
#![doc = include_str!("../README.md")]

mod advance;
mod change;
mod command;
mod day;
#[cfg(test)]
mod fixture;
mod join;
mod line;
mod settle;
mod ticket;
mod wait;
mod working;

pub use command::{Command, Decision, Happened, Next, Refusal, Standing, Told, decide};
pub use day::service_day;
pub use join::Join;
pub use line::{
    CLAIM_SECONDS, Claim, Floor, JOIN_SECONDS, Line, LineTransition, PROBE_SECONDS, RETRY_SECONDS, Rules, Shop,
};
pub use settle::Outcome;
pub use ticket::{Party, State, Ticket, Transition};
pub use wait::{History, Quote, WAITS_MAX, Wait};
pub use working::Working;
