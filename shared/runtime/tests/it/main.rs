//! What only a whole process shows: a signal, telemetry that is installed once, tools that are fetched.
#[cfg(test)]
mod shutdown;
#[cfg(test)]
mod telemetry;
#[cfg(test)]
mod tool;
