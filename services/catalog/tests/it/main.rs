//! The service against a real database and a real broker: what it answers, what it keeps, what it tells.

#[cfg(test)]
mod activity;
#[cfg(test)]
mod callers;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod life;
#[cfg(test)]
mod listings;
#[cfg(test)]
mod search;
