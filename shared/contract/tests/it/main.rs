//! The wire, held against its golden files.

#[cfg(test)]
mod golden;
#[cfg(test)]
mod sample;
