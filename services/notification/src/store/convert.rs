//! Values to rows and back.

use super::entity::{addressee, notification, pending};
use crate::command::Refund;
use crate::working::{Addressee, Message};
use uuid::Uuid;

/// Written down; no channel has taken it yet.
const RECORDED: &str = "recorded";

impl From<Message> for notification::Model {
    fn from(message: Message) -> Self {
        let Message { id, recipient, role, template, language, correlation, event_id, subject, body, created_us } =
            message;
        Self {
            id,
            recipient,
            role: role.as_str().to_owned(),
            template: template.as_str().to_owned(),
            language: language.as_str().to_owned(),
            correlation,
            event_id,
            subject,
            body,
            created_us,
            status: RECORDED.to_owned(),
        }
    }
}

impl From<(Uuid, Option<Addressee>)> for addressee::Model {
    fn from((reservation_id, known): (Uuid, Option<Addressee>)) -> Self {
        let Some(Addressee { guest_id, business, language, offering_name }) = known else {
            return Self { reservation_id, guest_id: None, business: None, language: None, offering_name: None };
        };
        Self {
            reservation_id,
            guest_id: Some(guest_id),
            business: Some(business),
            language: Some(language),
            offering_name: Some(offering_name),
        }
    }
}

impl addressee::Model {
    /// The addressee, unless only a refund of the case is known.
    pub fn known(self) -> Option<Addressee> {
        Some(Addressee {
            guest_id: self.guest_id?,
            business: self.business?,
            language: self.language?,
            offering_name: self.offering_name?,
        })
    }
}

impl From<Refund> for pending::Model {
    fn from(refund: Refund) -> Self {
        let Refund { event_id, time_us, reservation_id, amount, currency } = refund;
        Self { event_id, reservation_id, amount, currency, time_us }
    }
}

impl From<pending::Model> for Refund {
    fn from(row: pending::Model) -> Self {
        let pending::Model { event_id, reservation_id, amount, currency, time_us } = row;
        Self { event_id, time_us, reservation_id, amount, currency }
    }
}
