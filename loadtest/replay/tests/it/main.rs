//! The replay against files and against a running platform.

#[cfg(test)]
mod data;
#[cfg(test)]
mod files;
#[cfg(test)]
mod platform;
#[cfg(test)]
mod replays;
