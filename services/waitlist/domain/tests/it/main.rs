//! What holds for every sequence of commands and every order of events, not for one decision.

#[cfg(test)]
#[path = "../../src/fixture.rs"]
#[expect(dead_code, reason = "the tests inside the crate use more of it")]
mod fixture;
#[cfg(test)]
mod order;
#[cfg(test)]
mod properties;

// The fixture names these as the crate's own, which they are where it lies.
#[cfg(test)]
use waitlist_domain::{
    Command, Decision, Floor, Join, Next, Outcome, Rules, Shop, Standing, State, Ticket, Told, Working, decide,
};
