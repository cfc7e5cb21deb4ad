//! The five businesses, each told in order through REST alone.

mod hotel;
mod lodging;
mod musical;
mod office;
