//! The fixtures themselves: servers come up, keep their address, and end with the process.
#[cfg(test)]
mod ends;
#[cfg(test)]
mod issuer;
#[cfg(test)]
mod servers;
