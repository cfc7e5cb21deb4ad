//! What holds in every zone of the database that is compiled in.

#[cfg(test)]
mod zones;
