//! A store as the simulation sees it from outside.

use jiff::civil::{Date, time};
use jiff::{SignedDuration, Timestamp};
use kernel::{Label, OfferingId, TicketId, time_zone};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use waitlist_domain::{Rules, Shop};

/// Seats, how often a party may be passed over, and where the store is.
pub const STORES: [(i64, i64, &str); 5] = [
    (10, 3, "Asia/Seoul"),
    (16, 0, "America/New_York"),
    (24, 1, "Pacific/Apia"),
    (30, 3, "Europe/Berlin"),
    (40, 4, "Asia/Kathmandu"),
];

/// One store: what its host decided last, and what is known to have happened there.
#[derive(Debug)]
pub struct Store {
    pub shop: Shop,
    /// Seats when it opened.
    pub units_usual: i64,
    /// Whether guests come thick and fast.
    pub is_rush: bool,
    /// Parties that are not over yet.
    pub live: BTreeSet<TicketId>,
    /// When time alone changes some of them, by waitlist's clock.
    pub deadlines: BTreeSet<(Timestamp, TicketId)>,
    /// Seats that parties own, by the events of seating.
    pub taken: i64,
    /// The floor's version in the newest of them.
    pub floor_version: i64,
    /// The last number of each service day.
    pub numbers: BTreeMap<Date, i64>,
    /// Whose seats are being asked for, and who was passed over when that began.
    pub claim: Option<(TicketId, Vec<TicketId>)>,
    /// When waitlist's sweep looks here.
    pub sweep_at: Option<Timestamp>,
}

impl Store {
    pub fn open(index: usize) -> Self {
        let (units, passes_max, zone) = STORES[index];
        let shop = Shop {
            id: OfferingId(Uuid::from_u128(index as u128 + 1)),
            version: 1,
            open: true,
            business: Label::try_from("noodles".to_owned()).unwrap(),
            name: "Noodle bar".to_owned(),
            units,
            zone: time_zone(zone).unwrap(),
            rules: Rules { passes_max, day_starts_at: time(5, 0, 0, 0), ..Rules::default() },
        };
        Self {
            shop,
            units_usual: units,
            is_rush: false,
            live: BTreeSet::new(),
            deadlines: BTreeSet::new(),
            taken: 0,
            floor_version: 0,
            numbers: BTreeMap::new(),
            claim: None,
            sweep_at: None,
        }
    }

    /// What seating is told of it.
    pub fn floor(&self) -> seating_domain::Store {
        let Shop { id, version, open, units, ref business, .. } = self.shop;
        seating_domain::Store { offering: id, version, open, units, business: Some(business.clone()) }
    }

    /// Mean time between two parties.
    pub fn pace(&self) -> SignedDuration {
        SignedDuration::from_secs(if self.is_rush { 20 } else { 120 })
    }
}
