//! Retiring: nothing more is sold; what is booked stays.

use crate::command::{Decided, Fact};
use crate::offering::{Offering, Status};
use crate::working::Working;
use kernel::OfferingId;
use uuid::Uuid;

pub(crate) fn decide(working: &mut Working, offering: OfferingId, request: Uuid) -> Decided {
    let offering = working.known(offering)?;
    match offering.status {
        Status::Open => {}
        Status::Retired => return Ok((None, offering)),
    }
    let retired = Offering { version: offering.version + 1, status: Status::Retired, made_by: request, ..offering };
    working.put(retired.clone());
    Ok((Some(Fact::Retired), retired))
}
