//! Rules that only whole processes can break.

mod announcements;
mod clocks;
mod idempotency;
mod races;
mod repeats;
