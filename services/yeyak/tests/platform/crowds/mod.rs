//! Many guests at once: an on-sale, outages under load, and more guests than can be served.

pub mod arrivals;
mod onsale;
mod outages;
mod overload;
