//! What only a whole process shows: telemetry that is installed once, tools that are fetched.
#[cfg(test)]
mod telemetry;
#[cfg(test)]
mod tool;
