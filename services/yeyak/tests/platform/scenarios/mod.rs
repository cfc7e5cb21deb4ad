//! The five businesses, each with its founding story told in order.

mod hotel;
