//! Bad input of what is only read.
