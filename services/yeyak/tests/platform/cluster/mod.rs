//! R18: what a cluster asks of a process, and what it may rely on.

mod image;
mod readiness;
mod roles;
mod shutdown;
