//! What all publishers share: the shape of a publication, money, tiers and the table macro.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a message is not the event its type says.
#[derive(Debug, Error)]
pub enum DecodeError {
    #[error("unknown event type `{0}`")]
    UnknownType(String),
    #[error("the payload does not read")]
    Payload(#[from] serde_json::Error),
}

/// An event ready for the outbox: its type, where it goes and its payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The type and version, such as `reservation.confirmed.v1`.
    pub kind: &'static str,
    /// `<service>.<event>`: the subject's middle, such as `reservation.confirmed`.
    pub topic: &'static str,
    /// JSON.
    pub payload: Vec<u8>,
}

/// Something that a publisher tells.
pub trait Event {
    /// The event as the outbox takes it.
    ///
    /// # Errors
    /// Never in practice: bodies hold strings and numbers only.
    fn publication(&self) -> Result<Publication, serde_json::Error>;
}

/// An amount in minor units and its ISO 4217 code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoneyV1 {
    pub amount: i64,
    pub currency: String,
}

/// One cancellation tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierV1 {
    pub before_hours: i64,
    pub refund_percent: u8,
}

/// Declares a publisher's events: variant, body and `"service.event"`, all of version 1.
macro_rules! events {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident($body:ty) = $topic:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant($body)),+ }

        impl $name {
            /// Every type this publisher knows, as it stands in `ce-type`.
            pub const KINDS: &'static [&'static str] = &[$(concat!($topic, ".v1")),+];

            /// The type and version.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => concat!($topic, ".v1")),+ }
            }

            /// Reads a message of type `kind`.
            ///
            /// # Errors
            /// An unknown type, or a payload that is not its body.
            pub fn decode(kind: &str, payload: &[u8]) -> Result<Self, $crate::DecodeError> {
                match kind {
                    $(concat!($topic, ".v1") => Ok(Self::$variant(serde_json::from_slice(payload)?)),)+
                    _ => Err($crate::DecodeError::UnknownType(kind.chars().take(80).collect())),
                }
            }
        }

        impl $crate::Event for $name {
            fn publication(&self) -> Result<$crate::Publication, serde_json::Error> {
                let (topic, payload) = match self { $(Self::$variant(body) => ($topic, serde_json::to_vec(body)?)),+ };
                Ok($crate::Publication { kind: self.kind(), topic, payload })
            }
        }
    };
}
pub(crate) use events;
