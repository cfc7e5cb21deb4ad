//! The embedded platform from its first start to its last, and everything that may kill it between.

mod crashes;
mod demo;
mod embedded;
mod traces;
