//! Every offering as it stands, open or retired.

use crate::{events, store};
use choreography::{Announces, Outgoing, Store};
use sea_orm::DbErr;
use uuid::Uuid;

/// Tells the present state of everything this service has.
#[derive(Debug)]
pub struct Announcer;

impl Announces for Announcer {
    const STATES: &'static [&'static str] = &["catalog.state"];

    async fn page(store: &Store, _topic: &str, after: Uuid, count: u64) -> Result<Vec<(Uuid, Outgoing)>, DbErr> {
        let page = store::offerings(store, after, count).await?;
        page.iter().map(|offering| Ok((offering.id.0, events::present(offering)?))).collect()
    }
}
