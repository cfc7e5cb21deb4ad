//! A reservation as far as reviews care: whose it is, of what, and whether it stands.

use kernel::{OfferingId, ReservationId};

/// Whether a reservation may be reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Confirmed, checked in or completed: somebody comes, is there or was there.
    Stands,
    /// Still held, over without a stay, or taken by the host for nobody.
    Not,
}

/// The newest known state of a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    pub reservation: ReservationId,
    /// The reservation's own.
    pub version: i64,
    pub offering: OfferingId,
    pub offering_name: String,
    pub business: String,
    pub guest: String,
    pub standing: Standing,
}
