//! What a batch holds: the offerings that hosts change, and the newest news of what belongs to offerings.

use crate::news::{BookingNews, News, ReviewNews};
use crate::store::Indexed;
use kernel::{OfferingId, ReservationId, ReviewId};
use std::collections::{BTreeMap, BTreeSet};

/// What catalog is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// By a host.
    Host(catalog_domain::Command),
    /// By this service: an offering that was stored before there was an index of words gets into it.
    Index(OfferingId),
    /// By other services.
    News(News),
}

/// The working set of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Working {
    pub offerings: catalog_domain::Working,
    /// What the index of words held of the offerings that were loaded.
    pub indexed: BTreeMap<OfferingId, Indexed>,
    /// Offerings to bring into the index though nothing changes in them.
    pub unindexed: BTreeSet<OfferingId>,
    pub reviews: BTreeMap<ReviewId, ReviewNews>,
    pub bookings: BTreeMap<ReservationId, BookingNews>,
}

impl Working {
    /// Keeps the newest version of each; the store does the same with what it holds.
    pub fn hear(&mut self, news: &News) {
        match news {
            News::Review(news) => {
                let known = self.reviews.entry(news.review).or_insert(*news);
                if known.version < news.version {
                    *known = *news;
                }
            }
            News::Booking(news) => {
                let known = self.bookings.entry(news.reservation).or_insert(*news);
                if known.version < news.version {
                    *known = *news;
                }
            }
        }
    }
}
