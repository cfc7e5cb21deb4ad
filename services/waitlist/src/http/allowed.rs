//! Whose a ticket or a line is, asked only where not everybody may everything. Owners never change, so that an answer
//! from before a command is as good as one inside of it.

use super::{Desk, view};
use crate::store::{self, Owners};
use kernel::{OfferingId, TicketId};
use runtime::auth::Caller;
use runtime::problem::Problem;
use uuid::Uuid;
use waitlist_domain::Refusal;

/// The ticket's guest, a host of its store, or an operator.
pub async fn party(desk: &Desk, caller: &Caller, ticket: Uuid) -> Result<(), Problem> {
    caller.person()?;
    if caller.may_all() {
        return Ok(());
    }
    let Owners { guest, business } = owners(desk, ticket).await?;
    caller.party(&guest, &business)
}

/// A host of the ticket's store, or an operator.
pub async fn host(desk: &Desk, caller: &Caller, ticket: Uuid) -> Result<(), Problem> {
    caller.staff()?;
    if caller.may_all() {
        return Ok(());
    }
    caller.host(&owners(desk, ticket).await?.business)
}

/// A host of the store, or an operator.
pub async fn host_of_line(desk: &Desk, caller: &Caller, line: Uuid) -> Result<(), Problem> {
    caller.staff()?;
    if caller.may_all() {
        return Ok(());
    }
    caller.host(&business(desk, line).await?)
}

/// That guest, a host of the store who writes a party down, or an operator.
pub async fn join(desk: &Desk, caller: &Caller, guest: &str, line: Uuid) -> Result<(), Problem> {
    match caller.guest(guest) {
        Ok(()) => Ok(()),
        Err(refused) if caller.staff().is_err() => Err(refused),
        Err(_) => caller.host(&business(desk, line).await?),
    }
}

async fn owners(desk: &Desk, ticket: Uuid) -> Result<Owners, Problem> {
    let found = store::owners(desk.engine.store(), TicketId(ticket)).await;
    let found = found.map_err(|fault| Problem::unanswered(&fault))?;
    found.ok_or_else(|| view::refusal(&Refusal::TicketNotFound))
}

async fn business(desk: &Desk, line: Uuid) -> Result<String, Problem> {
    let found = store::business_of(desk.engine.store(), OfferingId(line)).await;
    let found = found.map_err(|fault| Problem::unanswered(&fault))?;
    found.ok_or_else(|| view::refusal(&Refusal::OfferingNotFound))
}
