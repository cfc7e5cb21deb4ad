//! What surrounds the decisions of a service: configuration, telemetry, HTTP, breaker, health, shutdown.
#![doc = include_str!("../README.md")]

pub mod admin;
pub mod auth;
pub mod breaker;
pub mod config;
pub mod doors;
pub mod http;
pub mod problem;
pub mod shutdown;
pub mod telemetry;
pub mod tool;
