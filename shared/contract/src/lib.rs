//! The events that services publish, as they travel.
#![doc = include_str!("../README.md")]

pub mod catalog;
pub mod notification;
pub mod payment;
pub mod reservation;
pub mod review;
pub mod seating;
pub mod waitlist;
mod wire;

pub use wire::{DecodeError, Event, MoneyV1, Publication, TierV1};
