//! What the choreography promises, shown on real databases and a real broker.
#[cfg(test)]
mod backlog;
#[cfg(test)]
mod consumer;
#[cfg(test)]
mod healer;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod parking;
#[cfg(test)]
mod platform;
#[cfg(test)]
mod provision;
#[cfg(test)]
mod relay;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod service;
#[cfg(test)]
mod shutdown;
#[cfg(test)]
mod store;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod tail;
#[cfg(test)]
mod writer;
