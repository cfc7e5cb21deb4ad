//! catalog-domain.
