//! Publishing: an offering can be booked from now on.

use crate::command::{Decided, Fact};
use crate::offering::{Offering, Status};
use crate::terms::{Invalid, Terms};
use crate::working::Working;
use jiff::Timestamp;
use kernel::OfferingId;

/// A new offering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    pub id: OfferingId,
    pub terms: Terms,
}

pub(crate) fn decide(working: &mut Working, publish: &Publish, now: Timestamp) -> Decided {
    if let Ok(known) = working.known(publish.id) {
        return Ok((None, known));
    }
    // Zero units close sales; an offering that begins closed is a slip of the pen.
    if publish.terms.units == 0 {
        return Err(Invalid::Units.into());
    }
    let offering = Offering {
        id: publish.id,
        version: 1,
        status: Status::Open,
        created_at: now,
        made_by: publish.id.0,
        terms: publish.terms.clone(),
    };
    working.put(offering.clone());
    Ok((Some(Fact::Published), offering))
}
