//! The events that services publish, as they travel.
#![doc = include_str!("../README.md")]

pub mod catalog;
pub mod payment;
pub mod reservation;
mod wire;

pub use wire::{DecodeError, MoneyV1, Publication, TierV1};
