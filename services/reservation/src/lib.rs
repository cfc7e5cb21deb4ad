//! reservation.
