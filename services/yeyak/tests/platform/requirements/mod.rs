//! What the five businesses ask of the platform.

mod booking;
mod messages;
mod money;
mod outages;
mod views;
