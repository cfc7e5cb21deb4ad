//! Learns whom a batch concerns and stores its messages and deliveries, in a constant number of statements.

mod claim;
mod convert;
pub(crate) mod entity;
mod read;

pub use claim::{Claim, Job, claim};
pub use read::{Place, Told, deliveries, delivery, list, queue, recipient};

use crate::command::{About, Command, Refund};
use crate::delivery::Delivery;
use crate::recipient::{Reader, Recipient};
use crate::text;
use crate::working::{Addressee, Working};
use choreography::{Migration, in_chunks, key_chunks, upsert_where};
use entity::{addressee, delivery, notification, pending, reader};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// This service's schema.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "notification-0001", sql: include_str!("migration/0001.sql") },
    Migration { name: "notification-0002", sql: include_str!("migration/0002.sql") },
    Migration { name: "notification-0003", sql: include_str!("migration/0003.sql") },
];

/// Columns of a message, of an addressee, of a waiting refund, of a reader's addresses and of a delivery; each is a
/// bound parameter.
const MESSAGE_COLUMNS: usize = 11;
const ADDRESSEE_COLUMNS: usize = 5;
const PENDING_COLUMNS: usize = 5;
const READER_COLUMNS: usize = 6;
const DELIVERY_COLUMNS: usize = 15;

/// What a batch names.
#[derive(Default)]
struct Named<'c> {
    cases: BTreeMap<Uuid, Option<Addressee>>,
    refunded: Vec<Uuid>,
    /// Readers of its transitions, and those whose addresses it changes.
    readers: BTreeSet<&'c str>,
    changing: BTreeSet<&'c str>,
    deliveries: BTreeSet<Uuid>,
}

impl<'c> Named<'c> {
    fn by(commands: &[&'c Command]) -> Self {
        let mut named = Self::default();
        for command in commands {
            match command {
                Command::Transition(told) => {
                    named.readers.extend([told.about.guest(), told.about.business()]);
                    if let About::Reservation(told) = &told.about {
                        let case = named.cases.entry(told.reservation_id).or_default();
                        case.get_or_insert_with(|| Addressee::from(told));
                    }
                }
                Command::Refund(refund) => {
                    named.cases.entry(refund.reservation_id).or_default();
                    named.refunded.push(refund.reservation_id);
                }
                Command::Register(registration) => drop(named.changing.insert(&registration.name)),
                Command::Forget { recipient, roles: _ } => drop(named.changing.insert(recipient)),
                Command::Record(attempt) => drop(named.deliveries.insert(attempt.delivery)),
                Command::Redeliver { delivery } => drop(named.deliveries.insert(*delivery)),
            }
        }
        named
    }
}

/// Notes whom the batch's reservations concern, then reads who its refunds concern and what waited for it, where its
/// readers are reached, and the deliveries it names.
pub async fn load(tx: &DatabaseTransaction, commands: &[&Command]) -> Result<Working, DbErr> {
    let Named { cases, refunded, readers, changing, deliveries } = Named::by(commands);
    let named: Vec<Uuid> = cases.iter().filter_map(|(id, addressee)| addressee.is_some().then_some(*id)).collect();
    note(tx, cases).await?;
    let known = known(tx, refunded).await?;
    let waiting = waiting(tx, named).await?;
    let mut recipients = recipients(tx, changing.iter().copied().collect(), true).await?;
    let guests = known.values().map(|addressee| addressee.guest_id.as_str());
    let others: BTreeSet<&str> = readers.into_iter().chain(guests).filter(|name| !changing.contains(name)).collect();
    recipients.extend(self::recipients(tx, others.into_iter().collect(), false).await?);
    let deliveries = named_deliveries(tx, deliveries.into_iter().collect()).await?;
    Ok(Working { known, waiting, recipients, deliveries, ..Working::default() })
}

/// A case that is known by its refund only gets an empty row, so that of two replicas, one with the refund and one
/// with the reservation, the later waits for the earlier and sees what it wrote.
async fn note(tx: &DatabaseTransaction, cases: BTreeMap<Uuid, Option<Addressee>>) -> Result<(), DbErr> {
    let rows = cases.into_iter().map(|case| addressee::Model::from(case).into_active_model()).collect();
    for rows in in_chunks::<addressee::ActiveModel>(rows, ADDRESSEE_COLUMNS) {
        use addressee::Column::{Business, GuestId, Language, OfferingName, ReservationId};
        let blank = Expr::col((addressee::Entity, GuestId)).is_null();
        addressee::Entity::insert_many(rows)
            .on_conflict(upsert_where(tx, [ReservationId], [Business, Language, OfferingName, GuestId], blank))
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

async fn known(tx: &DatabaseTransaction, cases: Vec<Uuid>) -> Result<HashMap<Uuid, Addressee>, DbErr> {
    let mut known = HashMap::new();
    for ids in key_chunks(cases) {
        let rows = addressee::Entity::find().filter(addressee::Column::ReservationId.is_in(ids)).all(tx).await?;
        known.extend(rows.into_iter().filter_map(|row| Some((row.reservation_id, row.known()?))));
    }
    Ok(known)
}

async fn waiting(tx: &DatabaseTransaction, cases: Vec<Uuid>) -> Result<HashMap<Uuid, Vec<Refund>>, DbErr> {
    let mut waiting = HashMap::<Uuid, Vec<Refund>>::new();
    for ids in key_chunks(cases) {
        for row in pending::Entity::find().filter(pending::Column::ReservationId.is_in(ids)).all(tx).await? {
            waiting.entry(row.reservation_id).or_default().push(row.into());
        }
    }
    Ok(waiting)
}

/// Where readers of these names are reached; locked in the order of names and roles when that is about to change.
async fn recipients(
    tx: &DatabaseTransaction,
    names: Vec<&str>,
    changing: bool,
) -> Result<HashMap<Reader, Recipient>, DbErr> {
    use reader::Column::{Name, Role};
    let mut found = HashMap::new();
    for names in key_chunks(names) {
        let wanted = reader::Entity::find().filter(Name.is_in(names));
        let ordered = || wanted.clone().order_by_asc(Name).order_by_asc(Role).lock_exclusive();
        for row in if changing { ordered() } else { wanted.clone() }.all(tx).await? {
            let reader = Recipient::try_from(row)?;
            found.insert((reader.role, reader.name.clone()), reader);
        }
    }
    Ok(found)
}

async fn named_deliveries(tx: &DatabaseTransaction, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Delivery>, DbErr> {
    let mut found = HashMap::new();
    for ids in key_chunks(ids) {
        let wanted = delivery::Entity::find().filter(delivery::Column::Id.is_in(ids));
        for row in wanted.order_by_asc(delivery::Column::Id).lock_exclusive().all(tx).await? {
            found.insert(row.id, Delivery::try_from(row)?);
        }
    }
    Ok(found)
}

/// Stores the messages with their deliveries, and what waits or waits no longer.
pub async fn save(tx: &DatabaseTransaction, working: Working) -> Result<(), DbErr> {
    let Working { messages, begun, deferred, completed, registered, changed, .. } = working;
    let begun = unheard_of(tx, begun).await?;
    let rows = messages.into_iter().map(|message| notification::Model::from(message).into_active_model()).collect();
    for rows in in_chunks::<notification::ActiveModel>(rows, MESSAGE_COLUMNS) {
        notification::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([notification::Column::Id])
            .exec_without_returning(tx)
            .await?;
    }
    let rows = deferred.into_iter().map(|refund| pending::Model::from(refund).into_active_model()).collect();
    for rows in in_chunks::<pending::ActiveModel>(rows, PENDING_COLUMNS) {
        pending::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([pending::Column::EventId])
            .exec_without_returning(tx)
            .await?;
    }
    for ids in key_chunks(completed) {
        pending::Entity::delete_many().filter(pending::Column::EventId.is_in(ids)).exec(tx).await?;
    }
    save_recipients(tx, registered).await?;
    save_deliveries(tx, begun.into_iter().chain(changed.into_values())).await
}

/// Deliveries whose messages are new. A message that is told a second time, because the inbox has forgotten its event,
/// has had its deliveries: a reader who was not reached then is not bothered with it now.
async fn unheard_of(tx: &DatabaseTransaction, mut begun: Vec<Delivery>) -> Result<Vec<Delivery>, DbErr> {
    let mut told = HashSet::new();
    for ids in key_chunks(begun.iter().map(|delivery| delivery.notification_id).collect()) {
        let known = notification::Entity::find()
            .select_only()
            .column(notification::Column::Id)
            .filter(notification::Column::Id.is_in(ids))
            .into_tuple::<Uuid>();
        told.extend(known.all(tx).await?);
    }
    begun.retain(|delivery| !told.contains(&delivery.notification_id));
    Ok(begun)
}

async fn save_recipients(
    tx: &DatabaseTransaction,
    registered: BTreeMap<Reader, Option<Recipient>>,
) -> Result<(), DbErr> {
    use reader::Column::{Email, Language, Name, Role, WebhookSecret, WebhookUrl};
    for role in text::Role::ALL {
        let forgotten = registered.iter().filter(|((its, _), known)| *its == role && known.is_none());
        for names in key_chunks(forgotten.map(|((_, name), _)| name.as_str()).collect()) {
            reader::Entity::delete_many().filter(Role.eq(role.as_str())).filter(Name.is_in(names)).exec(tx).await?;
        }
    }
    let rows = registered.into_values().flatten().map(|known| reader::Model::from(known).into_active_model());
    for rows in in_chunks::<reader::ActiveModel>(rows.collect(), READER_COLUMNS) {
        let mut replace = OnConflict::columns([Name, Role]);
        let replace = replace.update_columns([Email, WebhookUrl, WebhookSecret, Language]).to_owned();
        reader::Entity::insert_many(rows).on_conflict(replace).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn save_deliveries(tx: &DatabaseTransaction, deliveries: impl Iterator<Item = Delivery>) -> Result<(), DbErr> {
    use delivery::Column::{Attempts, ChangedUs, Claim, DueUs, Id, LastError, Status, Version};
    let rows = deliveries.map(|delivery| delivery::Model::from(delivery).into_active_model()).collect();
    for rows in in_chunks::<delivery::ActiveModel>(rows, DELIVERY_COLUMNS) {
        let replace = OnConflict::column(Id)
            .update_columns([Attempts, ChangedUs, Claim, DueUs, LastError, Status, Version])
            .to_owned();
        delivery::Entity::insert_many(rows).on_conflict(replace).exec_without_returning(tx).await?;
    }
    Ok(())
}
