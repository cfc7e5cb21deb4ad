//! Pure deciders behind a group-committing writer, and the events between services.
#![doc = include_str!("../README.md")]

pub mod admin;
mod announce;
mod backlog;
mod broker;
mod chunks;
mod consumer;
mod engine;
mod feed;
mod group;
mod healer;
mod housekeeping;
#[cfg(test)]
mod plans;
mod relay;
mod repeated;
mod replay;
mod service;
mod store;
mod table;
mod tail;
mod vitals;
mod writer;

pub use announce::{AnnounceError, Announces, Place, announce};
pub use backlog::Backlog;
pub use broker::{Broker, BrokerError};
pub use chunks::{in_chunks, key_chunks};
pub use engine::{Engine, Ground, Settings};
pub use group::Group;
pub use housekeeping::{lease, release};
pub use repeated::Repeated;
pub use replay::{Extent, Replay};
pub use service::{Emitted, Keep, Origin, Outgoing, Poison, Received, Scene, Service};
pub use store::{Backend, Migration, Store, StoreError, brought, insert_new, rows_of, statement, sum_of, upsert_where};
pub use tail::{Tail, Tidings};
pub use writer::{Key, KeyUse, Repeat, Reply, Request, Unavailable, Writer};
