//! Values to rows and back.

use super::entity::{addressee, delivery, notification, pending, reader};
use crate::command::Refund;
use crate::delivery::{Channel, Delivery, Status};
use crate::recipient::{Recipient, Webhook};
use crate::text::{Language, Role};
use crate::working::{Addressee, Message};
use sea_orm::DbErr;
use uuid::Uuid;

/// Written down; what became of it on the channels is told by its deliveries.
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

impl From<Recipient> for reader::Model {
    fn from(recipient: Recipient) -> Self {
        let Recipient { role, name, email, webhook, language } = recipient;
        let (webhook_url, webhook_secret) =
            webhook.map_or((None, None), |Webhook { url, secret }| (Some(url), Some(secret)));
        let (role, language) = (role.as_str().to_owned(), language.map(|known| known.as_str().to_owned()));
        Self { name, role, email, webhook_url, webhook_secret, language }
    }
}

impl TryFrom<reader::Model> for Recipient {
    type Error = DbErr;
    fn try_from(row: reader::Model) -> Result<Self, DbErr> {
        let reader::Model { name, role, email, webhook_url, webhook_secret, language } = row;
        let role = role_of(&role).ok_or_else(|| DbErr::Type(format!("reader.role of {name}")))?;
        let webhook = webhook_url.zip(webhook_secret).map(|(url, secret)| Webhook { url, secret });
        Ok(Self { role, name, email, webhook, language: language.as_deref().map(Language::of) })
    }
}

/// A role as it is stored.
pub fn role_of(text: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|known| known.as_str() == text)
}

impl From<Delivery> for delivery::Model {
    fn from(delivery: Delivery) -> Self {
        // Every field of a row is named, so that one that is lost does not compile.
        Self {
            id: delivery.id,
            version: delivery.version,
            notification_id: delivery.notification_id,
            recipient: delivery.recipient,
            channel: delivery.channel.as_str().to_owned(),
            host: delivery.host,
            template: delivery.template,
            correlation: delivery.correlation,
            status: delivery.status.as_str().to_owned(),
            attempts: delivery.attempts,
            due_us: delivery.due_us,
            claim: delivery.claim,
            last_error: delivery.last_error,
            created_us: delivery.created_us,
            changed_us: delivery.changed_us,
        }
    }
}

impl TryFrom<delivery::Model> for Delivery {
    type Error = DbErr;
    fn try_from(row: delivery::Model) -> Result<Self, DbErr> {
        let corrupt = |column: &str| DbErr::Type(format!("delivery.{column} of {}", row.id));
        let channel = Channel::ALL.into_iter().find(|known| known.as_str() == row.channel);
        let status = Status::ALL.into_iter().find(|known| known.as_str() == row.status);
        Ok(Self {
            id: row.id,
            version: row.version,
            notification_id: row.notification_id,
            channel: channel.ok_or_else(|| corrupt("channel"))?,
            status: status.ok_or_else(|| corrupt("status"))?,
            recipient: row.recipient,
            host: row.host,
            template: row.template,
            correlation: row.correlation,
            attempts: row.attempts,
            due_us: row.due_us,
            claim: row.claim,
            last_error: row.last_error,
            created_us: row.created_us,
            changed_us: row.changed_us,
        })
    }
}
