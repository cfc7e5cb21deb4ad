//! Rules that only whole processes can break.

mod clocks;
mod idempotency;
mod races;
