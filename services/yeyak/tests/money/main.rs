//! Money and time: for each moment at which a payment comes, for whatever became of the units meanwhile, for each
//! policy and mode, the one end that is right, and after it: captured − refunded = price of what stands + fees kept.

#[cfg(test)]
mod table;
#[cfg(test)]
mod world;
