//! Rows to values and back; a value that does not read names its column.

use super::entity::{booking, review};
use jiff::Timestamp;
use kernel::Label;
use review_domain::{Booking, Review, Standing, Status, Words};
use sea_orm::DbErr;

fn corrupt(column: &'static str) -> DbErr {
    DbErr::Type(format!("the column {column} does not read"))
}

impl From<booking::Model> for Booking {
    fn from(row: booking::Model) -> Self {
        let booking::Model { reservation_id, version, offering_id, offering_name, business, guest_id, stands } = row;
        Self {
            reservation: reservation_id.into(),
            version,
            offering: offering_id.into(),
            offering_name,
            business,
            guest: guest_id,
            standing: if stands { Standing::Stands } else { Standing::Not },
        }
    }
}

impl From<&Booking> for booking::Model {
    fn from(booking: &Booking) -> Self {
        let Booking { reservation, version, offering, offering_name, business, guest, standing } = booking;
        Self {
            reservation_id: reservation.0,
            version: *version,
            offering_id: offering.0,
            offering_name: offering_name.clone(),
            business: business.clone(),
            guest_id: guest.clone(),
            stands: *standing == Standing::Stands,
        }
    }
}

impl TryFrom<review::Model> for Review {
    type Error = DbErr;
    fn try_from(row: review::Model) -> Result<Self, DbErr> {
        Ok(Self {
            id: row.review_id.into(),
            version: row.version,
            status: if row.posted { Status::Posted } else { Status::Removed },
            reservation: row.reservation_id.into(),
            offering: row.offering_id.into(),
            offering_name: row.offering_name,
            business: row.business,
            guest: Label::try_from(row.guest_id).map_err(|_| corrupt("guest_id"))?,
            rating: row.rating.try_into().map_err(|_| corrupt("rating"))?,
            text: Words::try_from(row.text).map_err(|_| corrupt("text"))?,
            posted_at: Timestamp::from_microsecond(row.posted_us).map_err(|_| corrupt("posted_us"))?,
            made_by: row.made_by,
        })
    }
}

impl From<&Review> for review::Model {
    fn from(review: &Review) -> Self {
        let Review {
            id,
            version,
            status,
            reservation,
            offering,
            offering_name,
            business,
            guest,
            rating,
            text,
            posted_at,
            made_by,
        } = review;
        Self {
            review_id: id.0,
            version: *version,
            posted: *status == Status::Posted,
            reservation_id: reservation.0,
            offering_id: offering.0,
            offering_name: offering_name.clone(),
            business: business.clone(),
            guest_id: guest.to_string(),
            rating: rating.get(),
            text: text.as_str().to_owned(),
            posted_us: posted_at.as_microsecond(),
            made_by: *made_by,
        }
    }
}
