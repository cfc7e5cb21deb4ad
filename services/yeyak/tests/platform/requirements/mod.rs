//! What the five businesses ask of the platform.

mod booking;
mod money;
mod outages;
