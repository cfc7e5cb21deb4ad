//! Every ticket as it stands, and every line that was ever paused.

use crate::{events, store};
use choreography::{Announces, Outgoing, Store};
use sea_orm::DbErr;
use uuid::Uuid;

const TICKETS: &str = "waitlist.state";
const LINES: &str = "waitlist.line-state";

/// Tells the present state of everything this service has.
#[derive(Debug)]
pub struct Announcer;

impl Announces for Announcer {
    const STATES: &'static [&'static str] = &[TICKETS, LINES];

    async fn page(store: &Store, topic: &str, after: Uuid, count: u64) -> Result<Vec<(Uuid, Outgoing)>, DbErr> {
        if topic == LINES {
            let page = store::lines(store, after, count).await?;
            return page.iter().map(|line| Ok((line.id().0, events::present_line(line)?))).collect();
        }
        let page = store::tickets(store, after, count).await?;
        page.iter().map(|ticket| Ok((ticket.id.0, events::present(ticket)?))).collect()
    }
}
