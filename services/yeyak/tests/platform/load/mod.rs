//! The scripts of `loadtest/k6`: they pass against separate processes on Postgres, and fail where guests were told wrong.

pub mod run;
mod shapes;
mod wrong;
