//! HTTP as every service speaks it: extractors, the layers around a router, the server, the client inside.
mod client;
mod extract;
mod head;
mod layers;
mod made;
mod object;
mod serve;
#[cfg(test)]
mod tests;

pub use client::client;
pub use extract::{BODY_BYTES_MAX, Body, Path, Query, idempotency_key};
pub use layers::{Limits, fallbacks, layers, not_found};
pub use made::made;
pub use object::Object;
pub use serve::{DRAIN_SECONDS_MAX, serve};
