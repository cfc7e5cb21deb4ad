//! Decisions about reviews: post, change, remove.
#![doc = include_str!("../README.md")]

mod booking;
mod change;
mod command;
mod post;
#[cfg(test)]
mod properties;
mod remove;
mod review;
mod working;

pub use booking::{Booking, Standing};
pub use change::Change;
pub use command::{Command, Decision, Fact, Refusal, decide};
pub use post::Post;
pub use remove::Remove;
pub use review::{Invalid, Review, Status, TEXT_CHARS_MAX, Words};
pub use working::Working;
