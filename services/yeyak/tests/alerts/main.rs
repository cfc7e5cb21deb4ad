//! Alerts, runbooks and the dashboard: they read, fire when they must and only then, and name what a running platform
//! tells.

#[cfg(test)]
mod board;
#[cfg(test)]
mod exported;
#[cfg(test)]
mod expression;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod platform;
#[cfg(test)]
#[path = "../platform/fixture/process.rs"]
mod process;
#[cfg(test)]
mod promtool;
#[cfg(test)]
mod rules;
