//! Events become messages; a refund whose guest is not known yet waits.

use crate::command::{Command, Refund, Transition};
use crate::text::{self, Language, Role, Template, Text};
use contract::reservation::ReservationV1;
use kernel::derived;
use std::collections::HashMap;
use uuid::Uuid;

/// Who is told about a case, as far as a refund does not say it itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    pub guest_id: String,
    pub business: String,
    pub language: String,
    pub offering_name: String,
}

impl From<&ReservationV1> for Addressee {
    fn from(told: &ReservationV1) -> Self {
        Self {
            guest_id: told.guest_id.clone(),
            business: told.business.clone(),
            language: told.language.clone(),
            offering_name: told.offering_name.clone(),
        }
    }
}

/// A message to one reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Derived from the event and the reader's role, so that there is one of each.
    pub id: Uuid,
    pub recipient: String,
    pub role: Role,
    pub template: Template,
    pub language: Language,
    pub correlation: Uuid,
    pub event_id: Uuid,
    pub subject: String,
    pub body: String,
    /// When the transition happened, and not when it was heard of: the same in any order of arrival.
    pub created_us: i64,
}

/// What a batch knows, and what it brought.
#[derive(Debug, Default)]
pub struct Working {
    /// Of the cases with a refund in this batch.
    pub known: HashMap<Uuid, Addressee>,
    /// Refunds of earlier batches that waited for the reservations of this one.
    pub waiting: HashMap<Uuid, Vec<Refund>>,
    pub messages: Vec<Message>,
    /// Refunds of this batch that wait from now on.
    pub deferred: Vec<Refund>,
    /// Events whose refunds wait no longer.
    pub completed: Vec<Uuid>,
}

/// Takes in one event.
pub fn decide(working: &mut Working, command: &Command) {
    match command {
        Command::Transition(transition) => {
            working.messages.extend(messages(transition));
            let case = transition.reservation.reservation_id;
            for refund in working.waiting.remove(&case).unwrap_or_default() {
                working.messages.push(refunded(&refund, &Addressee::from(&transition.reservation)));
                working.completed.push(refund.event_id);
            }
        }
        Command::Refund(refund) => match working.known.get(&refund.reservation_id) {
            Some(addressee) => {
                let message = refunded(refund, addressee);
                working.messages.push(message);
            }
            None => working.deferred.push(refund.clone()),
        },
    }
}

fn messages(transition: &Transition) -> impl Iterator<Item = Message> {
    let Transition { event_id, time_us, template, reservation } = transition;
    let language = Language::of(&reservation.language);
    let values = text::of_reservation(reservation, language);
    Role::ALL.iter().filter_map(move |role| {
        let recipient = match role {
            Role::Guest => &reservation.guest_id,
            Role::Host => &reservation.business,
        };
        let Text { subject, body } = text::text(*template, *role, language)?;
        Some(Message {
            id: derived(*event_id, role.as_str()),
            recipient: recipient.clone(),
            role: *role,
            template: *template,
            language,
            correlation: reservation.reservation_id,
            event_id: *event_id,
            subject: values.fill(subject),
            body: values.fill(body),
            created_us: *time_us,
        })
    })
}

fn refunded(refund: &Refund, addressee: &Addressee) -> Message {
    let language = Language::of(&addressee.language);
    let values = text::of_refund(&addressee.offering_name, (refund.amount, &refund.currency), language);
    let Text { subject, body } = text::guest(Template::Refunded, language);
    Message {
        id: derived(refund.event_id, Role::Guest.as_str()),
        recipient: addressee.guest_id.clone(),
        role: Role::Guest,
        template: Template::Refunded,
        language,
        correlation: refund.reservation_id,
        event_id: refund.event_id,
        subject: values.fill(subject),
        body: values.fill(body),
        created_us: refund.time_us,
    }
}

#[cfg(test)]
pub mod testing {
    //! Samples of what is told.

    use choreography::Received;
    use contract::MoneyV1;
    use contract::payment::PaymentV1;
    use contract::reservation::ReservationV1;
    use jiff::Timestamp;
    use kernel::EventId;
    use uuid::Uuid;

    pub fn reservation(number: u128) -> ReservationV1 {
        ReservationV1 {
            reservation_id: Uuid::from_u128(number),
            version: 1,
            status: "held".into(),
            offering_id: Uuid::from_u128(900),
            offering_name: "Double room".into(),
            business: "seaside".into(),
            guest_id: "mina".into(),
            language: "ko".into(),
            kind: "nights".into(),
            quantity: 2,
            from: "2027-05-01".into(),
            to: Some("2027-05-03".into()),
            timezone: "Asia/Seoul".into(),
            total: MoneyV1 { amount: 240_000, currency: "KRW".into() },
            payment: "prepay".into(),
            capture: "by_call".into(),
            payment_method: Some("card-ok".into()),
            placed_at: "2027-01-01T00:00:00Z".into(),
            deadline: None,
            keep: Some(240_000),
            purpose: None,
            reason: None,
        }
    }

    pub fn payment(number: u128) -> PaymentV1 {
        PaymentV1 {
            payment_id: Uuid::from_u128(5_000 + number),
            version: 3,
            reservation_id: Uuid::from_u128(number),
            status: "refunded".into(),
            total: MoneyV1 { amount: 240_000, currency: "KRW".into() },
            captured: 240_000,
            refunded: 180_000,
            captured_at: Some("2027-01-01T00:00:01Z".into()),
            reason: None,
        }
    }

    pub fn event(kind: &str, payload: Vec<u8>) -> Received {
        Received {
            id: EventId(Uuid::from_u128(77)),
            kind: kind.into(),
            correlation: Uuid::from_u128(1),
            causation: None,
            version: 1,
            time: Timestamp::UNIX_EPOCH,
            actor: None,
            traceparent: None,
            payload: payload.into(),
            stream_seq: 1,
        }
    }
}
