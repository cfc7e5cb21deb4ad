//! Fixtures for tests against real servers: brokers, databases, and waiting for a condition with a bound.
#![doc = include_str!("../README.md")]
#![expect(clippy::unwrap_used, reason = "only tests depend on this crate, and a fixture that fails fails its test")]

mod backend;
mod callers;
mod envoy;
mod eventually;
pub mod helm;
mod issuer;
mod mariadb;
mod nats;
mod plan;
mod port;
mod postgres;
mod smtp;
mod supervisor;
mod teller;
mod tools;

pub use backend::{Backend, Db, database, run, run_on};
pub use callers::{ask_as, cast, cell};
pub use envoy::Envoy;
pub use eventually::{SOON, check, eventually};
pub use issuer::{Issuer, Principal};
pub use mariadb::{MariaDb, mariadb};
pub use nats::{Nats, Saved, nats};
pub use plan::assert_looked_up;
pub use postgres::{Postgres, postgres};
pub use smtp::{Mail, Smtp};
pub use teller::Teller;
pub use tools::kubernetes_schemas;
