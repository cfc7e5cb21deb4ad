//! The service against a real database and a real broker: who is told what, once, and how it is read.

#[cfg(test)]
mod callers;
#[cfg(test)]
mod deliveries;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod list;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod recipients;
#[cfg(test)]
mod redelivery;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod sending;
