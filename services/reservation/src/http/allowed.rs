//! Whose a reservation is, asked only where not everybody may everything. Owners never change, so that an answer from
//! before a command is as good as one inside of it.

use super::{Desk, view};
use crate::store;
use kernel::ReservationId;
use reservation_domain::{Purpose, Refusal, Reservation};
use runtime::auth::Caller;
use runtime::problem::Problem;
use uuid::Uuid;

/// The reservation, for its guest, a host of its business, or an operator.
pub async fn read(desk: &Desk, caller: &Caller, id: Uuid) -> Result<Reservation, Problem> {
    caller.person()?;
    let reservation = found(desk, id).await?;
    let booking = &reservation.booking;
    match booking.purpose {
        Purpose::Stay => caller.party(booking.guest.as_str(), booking.business.as_str())?,
        // Nobody stays there; its guest is the business itself.
        Purpose::Block { .. } => caller.host(booking.business.as_str())?,
    }
    Ok(reservation)
}

/// Its guest, a host of its business, or an operator.
pub async fn party(desk: &Desk, caller: &Caller, id: Uuid) -> Result<(), Problem> {
    if !caller.may_all() {
        read(desk, caller, id).await?;
    }
    Ok(())
}

/// A host of its business, or an operator.
pub async fn host(desk: &Desk, caller: &Caller, id: Uuid) -> Result<(), Problem> {
    if caller.may_all() {
        return Ok(());
    }
    caller.staff()?;
    caller.host(found(desk, id).await?.booking.business.as_str())
}

async fn found(desk: &Desk, id: Uuid) -> Result<Reservation, Problem> {
    let found = store::reservation(desk.engine.store(), ReservationId(id)).await;
    let found = found.map_err(|fault| Problem::unanswered(&fault))?;
    found.ok_or_else(|| view::refusal(&Refusal::ReservationNotFound))
}
