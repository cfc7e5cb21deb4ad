//! Identities: UUIDv7 where something new begins, UUIDv5 where a repeat must find the same one.

use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The namespace of every derived id (a random UUIDv4, fixed for ever).
pub const NAMESPACE: Uuid = Uuid::from_u128(0x6f2a_7d0e_51c4_4b39_9b1d_c2d8_64a7_13f5);

/// The id that `step` of the case `correlation` always gets, so that a re-run creates the same one (UUIDv5).
#[must_use]
pub fn derived(correlation: Uuid, step: &str) -> Uuid {
    let mut name = Vec::with_capacity(16 + step.len());
    name.extend_from_slice(correlation.as_bytes());
    name.extend_from_slice(step.as_bytes());
    Uuid::new_v5(&NAMESPACE, &name)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id, ordered by creation time (UUIDv7).
            #[must_use]
            pub fn fresh() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    };
}

id!(
    /// One thing that can be booked.
    OfferingId
);
id!(
    /// One booking; also the correlation id of everything that happens to it.
    ReservationId
);
id!(
    /// A party in a walk-in line; also the correlation id of everything that happens to it.
    TicketId
);
id!(
    /// The one payment of a reservation; derived from it, and the provider's idempotency key.
    PaymentId
);
id!(
    /// The one review of a reservation; derived from it.
    ReviewId
);
id!(
    /// One published fact; the broker's message id.
    EventId
);

impl PaymentId {
    /// The payment of `reservation`: there is exactly one, so its id is derived.
    #[must_use]
    pub fn of(reservation: ReservationId) -> Self {
        Self(derived(reservation.0, "payment"))
    }
}

impl ReviewId {
    /// The review of `reservation`: there is at most one, so its id is derived.
    #[must_use]
    pub fn of(reservation: ReservationId) -> Self {
        Self(derived(reservation.0, "review"))
    }
}
