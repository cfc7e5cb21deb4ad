//! The wire, held against its golden files.

#[cfg(test)]
mod golden;
