//! The service against a real database and a real broker: what it hears, what it answers, what it tells.

#[cfg(test)]
mod callers;
#[cfg(test)]
mod crashes;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod life;
#[cfg(test)]
mod races;
#[cfg(test)]
mod refusals;
