//! The service against a real database, a real broker and the provider's own file.
#![expect(clippy::unwrap_used, reason = "a fixture that fails fails its test")]

mod callers;
mod calls;
mod events;
mod fixture;
mod races;
