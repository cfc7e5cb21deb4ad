//! Decisions about floors and parties.
#![doc = include_str!("../README.md")]

mod claim;
mod command;
mod end;
mod floor;
mod party;
#[cfg(test)]
mod permutations;
#[cfg(test)]
mod testing;
mod working;

pub use claim::Claim;
pub use command::{Command, Decision, Refusal, Told, decide};
pub use floor::{Floor, Store};
pub use party::{Party, Standing, State, Transition};
pub use working::Working;
