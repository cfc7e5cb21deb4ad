//! The five businesses, each told in order through REST alone.

mod board;
mod hotel;
mod line;
mod lodging;
mod musical;
mod office;
