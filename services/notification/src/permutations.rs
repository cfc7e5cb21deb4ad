//! Rule 19: whatever the order, the repeats and the batches, the messages are the same.

use crate::command::{About, Command, Refund, Transition};
use crate::samples::reservation;
use crate::store;
use crate::text::Template;
use crate::working::{Addressee, Message, Policy, Working, decide};
use choreography::Store;
use jiff::Timestamp;
use kernel::{Clock, derived};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sea_orm::{ConnectionTrait, EntityTrait};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// The templates of each case's events; the third is known by its refund only.
const CASES: &[&[Template]] = &[
    &[Template::Held, Template::Confirmed, Template::Cancelled, Template::Refunded],
    &[Template::Held, Template::Expired, Template::Confirmed, Template::Cancelled, Template::Refunded],
    &[Template::Refunded],
    &[Template::Held, Template::Rejected, Template::Refunded],
    &[Template::Confirmed, Template::CheckedIn, Template::Completed],
    &[Template::Confirmed, Template::NoShow, Template::Refunded, Template::Refunded],
];
const EVENTS: usize = 20;
/// The case whose guest is never known.
const UNKNOWN: u128 = 3;
/// Orders that each real database is given.
const ORDERS: usize = 24;

/// The event at that place of a case.
pub fn command(number: u128, place: usize, template: Template) -> Command {
    let mut reservation = reservation(number);
    reservation.language = if number.is_multiple_of(2) { "en" } else { "ko" }.into();
    let event_id = derived(reservation.reservation_id, &place.to_string());
    // Some of the events have one moment.
    let time_us = 1_790_000_000_000_000 + i64::try_from(place / 2).unwrap();
    if template == Template::Refunded {
        let (reservation_id, currency) = (reservation.reservation_id, reservation.total.currency);
        return Command::Refund(Refund { event_id, time_us, reservation_id, amount: 1_000, currency });
    }
    Command::Transition(Box::new(Transition { event_id, time_us, template, about: About::Reservation(reservation) }))
}

/// Takes in one event, with no mail server.
pub fn take(working: &mut Working, command: &Command) {
    decide(working, command, Timestamp::UNIX_EPOCH, Policy { mail: false, attempts_max: 1 });
}

fn commands() -> Vec<Command> {
    let cases = (1..).zip(CASES);
    let commands = cases.flat_map(|(number, case)| {
        case.iter().enumerate().map(move |(place, template)| command(number, place, *template))
    });
    commands.collect()
}

/// Every event at least once, in any order, cut into any batches; by their places in [`commands`].
fn batches() -> impl Strategy<Value = Vec<Vec<usize>>> {
    let repeats = proptest::collection::vec(0..EVENTS, 0..EVENTS);
    let order = repeats.prop_map(|repeats| (0..EVENTS).chain(repeats).collect::<Vec<_>>()).prop_shuffle();
    let sizes = proptest::collection::vec(1_usize..8, 2 * EVENTS);
    (order, sizes).prop_map(|(order, sizes)| {
        let mut rest = &order[..];
        let mut batches = Vec::new();
        for size in sizes {
            let (batch, later) = rest.split_at(size.min(rest.len()));
            batches.push(batch.to_vec());
            rest = later;
        }
        batches
    })
}

/// The store's tables in memory, without an inbox: repeats reach the decision.
#[derive(Default)]
struct Tables {
    addressees: HashMap<Uuid, Addressee>,
    pending: BTreeMap<Uuid, Refund>,
    messages: BTreeMap<Uuid, Message>,
}

impl Tables {
    fn take(&mut self, batch: &[&Command]) {
        let mut named = BTreeSet::new();
        for command in batch {
            if let Command::Transition(told) = command
                && let About::Reservation(told) = &told.about
            {
                self.addressees.entry(told.reservation_id).or_insert(Addressee::from(told));
                named.insert(told.reservation_id);
            }
        }
        let mut working = Working { known: self.addressees.clone(), ..Working::default() };
        for refund in self.pending.values().filter(|refund| named.contains(&refund.reservation_id)) {
            working.waiting.entry(refund.reservation_id).or_default().push(refund.clone());
        }
        for command in batch {
            take(&mut working, command);
        }
        for message in working.messages {
            self.messages.entry(message.id).or_insert(message);
        }
        self.pending.extend(working.deferred.into_iter().map(|refund| (refund.event_id, refund)));
        self.pending.retain(|event_id, _| !working.completed.contains(event_id));
    }
}

/// One batch at a time, each event once, as its publisher told them.
fn in_order() -> BTreeMap<Uuid, Message> {
    let mut tables = Tables::default();
    commands().iter().for_each(|command| tables.take(&[command]));
    tables.messages
}

#[test]
fn in_order_each_event_has_its_messages() {
    let mut told: Vec<(u128, &str, &str)> = in_order()
        .values()
        .map(|message| (message.correlation.as_u128(), message.template.as_str(), message.role.as_str()))
        .collect();
    told.sort_unstable();
    let mut expected = Vec::new();
    for (number, case) in (1..).zip(CASES).filter(|(number, _)| *number != UNKNOWN) {
        for template in *case {
            expected.push((number, template.as_str(), "guest"));
            if [Template::Confirmed, Template::Cancelled, Template::NoShow, Template::Completed].contains(template) {
                expected.push((number, template.as_str(), "host"));
            }
        }
    }
    expected.sort_unstable();
    assert_eq!(told, expected);
    assert_eq!(commands().len(), EVENTS);
}

proptest! {
    #[test]
    fn rule19_any_order_gives_the_same_messages(batches in batches()) {
        let commands = commands();
        let mut tables = Tables::default();
        for batch in batches {
            tables.take(&batch.into_iter().map(|place| &commands[place]).collect::<Vec<_>>());
        }
        prop_assert_eq!(tables.messages, in_order());
        let waiting: Vec<_> = tables.pending.values().map(|refund| refund.reservation_id.as_u128()).collect();
        prop_assert_eq!(waiting, [UNKNOWN]);
    }
}

/// The messages and the cases that wait, after these batches on an empty database.
async fn stored(store: &Store, batches: Vec<Vec<usize>>) -> (Vec<store::Told>, Vec<Uuid>) {
    for table in ["notification", "addressee", "pending"] {
        store.write().execute_unprepared(&format!("DELETE FROM {table}")).await.unwrap();
    }
    let commands = commands();
    for batch in batches {
        let batch: Vec<&Command> = batch.into_iter().map(|place| &commands[place]).collect();
        let tx = store.begin().await.unwrap();
        let mut working = store::load(&tx, &batch).await.unwrap();
        batch.iter().for_each(|command| take(&mut working, command));
        store::save(&tx, working).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut messages = store::entity::notification::Entity::find().all(store.read()).await.unwrap();
    messages.sort_by_key(|message| message.id);
    let waiting = store::entity::pending::Entity::find().all(store.read()).await.unwrap();
    (messages, waiting.into_iter().map(|row| row.reservation_id).collect())
}

testing::on_every_backend! {
    async fn rule19_any_order_is_stored_as_the_same_messages(db: Db) {
        let store = Store::open(&db.url, Clock::system()).await.unwrap();
        store.migrate(crate::MIGRATIONS).await.unwrap();
        let expected: Vec<store::Told> = in_order().into_values().map(Into::into).collect();
        let mut runner = TestRunner::deterministic();
        for _ in 0..ORDERS {
            let batches = batches().new_tree(&mut runner).unwrap().current();
            assert_eq!(stored(&store, batches).await, (expected.clone(), vec![Uuid::from_u128(UNKNOWN)]));
        }
    }
}
