//! reservation-domain.
