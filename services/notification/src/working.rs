//! Events become messages and their deliveries; a refund whose guest is not known yet waits.

use crate::command::{About, Command, Refund, Transition};
use crate::delivery::{Channel, Delivery, Refusal};
use crate::recipient::{Reader, Recipient, Registration};
use crate::text::{self, Language, Role, Template, Text};
use contract::notification::NotificationEvent;
use contract::reservation::ReservationV1;
use jiff::Timestamp;
use kernel::derived;
use std::collections::{BTreeMap, HashMap};
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
    /// Readers of this batch who are reached somewhere.
    pub recipients: HashMap<Reader, Recipient>,
    /// Deliveries that this batch names.
    pub deliveries: HashMap<Uuid, Delivery>,
    pub messages: Vec<Message>,
    /// Deliveries of this batch's messages.
    pub begun: Vec<Delivery>,
    /// Refunds of this batch that wait from now on.
    pub deferred: Vec<Refund>,
    /// Events whose refunds wait no longer.
    pub completed: Vec<Uuid>,
    /// Readers as they are reached from now on, or not any more.
    pub registered: BTreeMap<Reader, Option<Recipient>>,
    /// Deliveries that this batch changed.
    pub changed: BTreeMap<Uuid, Delivery>,
}

/// What is decided about everything, by configuration.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Whether there is a mail server.
    pub mail: bool,
    /// Attempts of one delivery, after which it has failed.
    pub attempts_max: i64,
}

/// What whoever asked is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An event was heard; so many deliveries begin.
    Heard { begun: usize },
    /// How the reader is reached, and whether its secret was chosen here.
    Registered { recipient: Recipient, chosen: bool },
    /// The reader is reached nowhere in the roles that were named.
    Forgotten,
    /// An attempt was taken in; what is told about it, with its case, if it ended the delivery.
    Recorded { end: Option<(NotificationEvent, Uuid)> },
    /// The delivery begins anew.
    Redelivered(Result<Delivery, Refusal>),
}

/// Takes in one command.
pub fn decide(working: &mut Working, command: &Command, now: Timestamp, policy: Policy) -> Answer {
    let now_us = now.as_microsecond();
    match command {
        Command::Transition(transition) => {
            let begun = messages(working, transition);
            Answer::Heard { begun: tell(working, begun, now_us, policy) }
        }
        Command::Refund(refund) => match working.known.get(&refund.reservation_id) {
            Some(addressee) => {
                let message = refunded(working, refund, addressee);
                Answer::Heard { begun: tell(working, vec![message], now_us, policy) }
            }
            None => {
                working.deferred.push(refund.clone());
                Answer::Heard { begun: 0 }
            }
        },
        Command::Register(registration) => register(working, registration),
        Command::Forget { recipient, roles } => {
            for reader in roles.iter().map(|role| (*role, recipient.clone())) {
                working.recipients.remove(&reader);
                working.registered.insert(reader, None);
            }
            Answer::Forgotten
        }
        Command::Record(attempt) => {
            let Some(delivery) = working.deliveries.get_mut(&attempt.delivery) else {
                return Answer::Recorded { end: None };
            };
            let end = delivery.record(attempt, now_us, policy.attempts_max);
            working.changed.insert(delivery.id, delivery.clone());
            Answer::Recorded { end: end.map(|event| (event, delivery.correlation)) }
        }
        Command::Redeliver { delivery } => Answer::Redelivered(redeliver(working, *delivery, now_us)),
    }
}

/// Who registers in several roles is reached as the first of them in all.
fn register(working: &mut Working, registration: &Registration) -> Answer {
    let (role, name) = (registration.roles.first().copied().unwrap_or(Role::Guest), &registration.name);
    let (recipient, chosen) = registration.over(role, working.recipients.get(&(role, name.clone())));
    for role in &registration.roles {
        let recipient = Recipient { role: *role, ..recipient.clone() };
        working.recipients.insert((*role, name.clone()), recipient.clone());
        working.registered.insert((*role, name.clone()), Some(recipient));
    }
    Answer::Registered { recipient, chosen }
}

fn redeliver(working: &mut Working, id: Uuid, now_us: i64) -> Result<Delivery, Refusal> {
    let delivery = working.deliveries.get_mut(&id).ok_or(Refusal::NotFound)?;
    delivery.redeliver(now_us)?;
    working.changed.insert(id, delivery.clone());
    Ok(delivery.clone())
}

/// Adds messages with a delivery for each channel of their readers; how many deliveries there are.
fn tell(working: &mut Working, messages: Vec<Message>, now_us: i64, policy: Policy) -> usize {
    let before = working.begun.len();
    for message in messages {
        let reader = working.recipients.get(&(message.role, message.recipient.clone()));
        let channels: Vec<(Channel, String)> = reader.map_or_else(Vec::new, |reader| reader.channels(policy.mail));
        working.begun.extend(channels.into_iter().map(|channel| Delivery::begin(&message, channel, now_us)));
        working.messages.push(message);
    }
    working.begun.len() - before
}

/// What a transition's readers are told, and the guest of refunds that waited for it.
fn messages(working: &mut Working, transition: &Transition) -> Vec<Message> {
    let Transition { event_id, time_us, template, about } = transition;
    let mut messages = Vec::new();
    for role in Role::ALL.into_iter().filter(|_| !about.is_block()) {
        let recipient = match role {
            Role::Guest => about.guest(),
            Role::Host => about.business(),
        };
        let language = working.language_of(role, recipient).unwrap_or_else(|| about.language());
        let Some(Text { subject, body }) = text::text(*template, role, language) else { continue };
        let values = about.values(language);
        messages.push(Message {
            id: derived(*event_id, role.as_str()),
            recipient: recipient.to_owned(),
            role,
            template: *template,
            language,
            correlation: about.case(),
            event_id: *event_id,
            subject: values.fill(subject),
            body: values.fill(body),
            created_us: *time_us,
        });
    }
    if let About::Reservation(reservation) = about {
        for refund in working.waiting.remove(&reservation.reservation_id).unwrap_or_default() {
            messages.push(refunded(working, &refund, &Addressee::from(reservation)));
            working.completed.push(refund.event_id);
        }
    }
    messages
}

fn refunded(working: &Working, refund: &Refund, addressee: &Addressee) -> Message {
    let language =
        working.language_of(Role::Guest, &addressee.guest_id).unwrap_or_else(|| Language::of(&addressee.language));
    let values = text::of_refund(&addressee.offering_name, (refund.amount, &refund.currency), language);
    let (subject, body) = match text::text(Template::Refunded, Role::Guest, language) {
        Some(Text { subject, body }) => (values.fill(subject), values.fill(body)),
        None => Default::default(),
    };
    Message {
        id: derived(refund.event_id, Role::Guest.as_str()),
        recipient: addressee.guest_id.clone(),
        role: Role::Guest,
        template: Template::Refunded,
        language,
        correlation: refund.reservation_id,
        event_id: refund.event_id,
        subject,
        body,
        created_us: refund.time_us,
    }
}

impl Working {
    /// The language that a reader has asked for.
    fn language_of(&self, role: Role, name: &str) -> Option<Language> {
        self.recipients.get(&(role, name.to_owned()))?.language
    }
}
