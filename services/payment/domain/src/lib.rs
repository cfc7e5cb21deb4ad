//! payment-domain.
