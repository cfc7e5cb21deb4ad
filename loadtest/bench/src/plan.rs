//! What to load, how hard and for how long.

use crate::http::Address;
use clap::{Args, ValueEnum};
use serde::Serialize;

/// Where the platform is.
#[derive(Clone, Debug, Args)]
pub struct Doors {
    /// The one entry of all services, instead of one address for each.
    #[arg(long, conflicts_with_all = ["catalog_url", "reservation_url"])]
    pub url: Option<Address>,
    #[arg(long, required_unless_present = "url")]
    pub catalog_url: Option<Address>,
    #[arg(long, required_unless_present = "url")]
    pub reservation_url: Option<Address>,
    #[arg(long, default_value = "nats://127.0.0.1:4222")]
    pub nats_url: String,
}

impl Doors {
    /// Catalog's address and reservation's; the arguments are only right with both.
    pub fn addresses(&self) -> Option<(&Address, &Address)> {
        let entry = self.url.as_ref();
        Some((self.catalog_url.as_ref().or(entry)?, self.reservation_url.as_ref().or(entry)?))
    }
}

/// How the offerings are paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[value(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    Prepay,
    SettleLater,
    None,
}

impl Payment {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prepay => "prepay",
            Self::SettleLater => "settle_later",
            Self::None => "none",
        }
    }
}

/// What the offerings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Nights,
    Seats,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nights => "nights",
            Self::Seats => "seats",
        }
    }
}

/// One closed loop: each caller books again when its last booking is answered, or confirmed if it is paid later.
#[derive(Clone, Debug, Args, Serialize)]
pub struct Plan {
    /// Callers, each with a connection of its own.
    #[arg(long, default_value_t = 255, value_parser = clap::value_parser!(u16).range(1..=20_000))]
    pub callers: u16,
    /// Offerings among which each booking chooses.
    #[arg(long = "offerings", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub offerings: u32,
    /// One offering only.
    #[arg(long, conflicts_with = "offerings")]
    pub hot: bool,
    #[arg(long, value_enum, default_value_t = Kind::Nights)]
    pub kind: Kind,
    #[arg(long, value_enum, default_value_t = Payment::SettleLater)]
    pub payment: Payment,
    /// Units of each offering; the default is never sold out.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub units: u64,
    /// Measured time.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub seconds: u64,
    /// Requests to measure, instead of a time.
    #[arg(long, conflicts_with = "seconds", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub reservations: Option<u64>,
    /// Time before the measured time.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=600))]
    pub warmup_seconds: u64,
    /// How long a confirmation is waited for.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub patience_seconds: u64,
    /// Reservations, and offerings, that verification looks at.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub verify_max: u32,
}

impl Plan {
    pub fn offerings(&self) -> usize {
        if self.hot { 1 } else { self.offerings as usize }
    }
}
