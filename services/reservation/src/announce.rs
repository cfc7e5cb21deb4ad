//! Every reservation as it stands.

use crate::{events, store};
use choreography::{Announces, Outgoing, Store};
use sea_orm::DbErr;
use uuid::Uuid;

/// Tells the present state of everything this service has.
#[derive(Debug)]
pub struct Announcer;

impl Announces for Announcer {
    const STATES: &'static [&'static str] = &["reservation.state"];

    async fn page(store: &Store, _topic: &str, after: Uuid, count: u64) -> Result<Vec<(Uuid, Outgoing)>, DbErr> {
        let page = store::reservations(store, after, count).await?;
        page.iter().map(|reservation| Ok((reservation.id.0, events::present(reservation)?))).collect()
    }
}
