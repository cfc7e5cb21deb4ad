//! What the five businesses ask of the platform.

mod booking;
mod line;
mod messages;
mod money;
mod outages;
mod stores;
mod views;
