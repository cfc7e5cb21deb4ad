//! The service against a real database and a real broker: what it answers, what it keeps, what it tells.

mod fixture;
mod hostile;
mod keys;
mod life;
mod listings;
mod search;
