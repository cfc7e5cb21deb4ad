//! What holds for every sequence of commands, not for one decision.

#[cfg(test)]
#[path = "../../src/fixture.rs"]
mod fixture;
#[cfg(test)]
mod order;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod split_mix;
#[cfg(test)]
mod world;
#[cfg(test)]
mod zones;

// The fixture names these as the crate's own, which they are where it lies.
#[cfg(test)]
use reservation_domain::{
    Bookable, Command, Decision, Offering, Place, Purpose, Reservation, SpanRequest, When, Working, decide,
};
