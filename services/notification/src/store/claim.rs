//! Claiming deliveries that are due: each is given to one worker for a while, and to the next if that one dies.

use super::convert::role_of;
use super::entity::{delivery as row, notification, reader};
use super::read::Told;
use crate::delivery::{Channel, Delivery, Status};
use crate::recipient::{Reader, Recipient};
use choreography::{Store, key_chunks};
use jiff::{SignedDuration, Timestamp};
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Due rows looked at by one claim, of which hosts take their share.
const ROWS_MAX: u64 = 256;

/// What a worker can take now.
#[derive(Clone, Debug)]
pub struct Claim {
    pub channel: Channel,
    /// At most so many deliveries.
    pub room: usize,
    /// At most so many to one host, with those that are under way.
    pub host_max: usize,
    pub under_way: BTreeMap<String, usize>,
    /// How long the attempts may take before another worker takes them for lost.
    pub lease: SignedDuration,
}

/// A delivery to attempt, with all that is needed for it.
#[derive(Clone, Debug)]
pub struct Job {
    pub delivery: Delivery,
    pub claim: Uuid,
    pub message: Told,
    /// Where the reader is reached now.
    pub recipient: Option<Recipient>,
}

impl Claim {
    /// Deliveries that are due and have a host with room, the longest due first.
    fn due(&self, now: Timestamp) -> Select<row::Entity> {
        // A host is asked for again once half of its room is free, so that one claim serves several attempts.
        let busy =
            self.under_way.iter().filter(|(_, count)| **count * 2 > self.host_max).map(|(host, _)| host.as_str());
        row::Entity::find()
            .filter(row::Column::Channel.eq(self.channel.as_str()))
            .filter(row::Column::Status.eq(Status::Waiting.as_str()))
            .filter(row::Column::DueUs.lte(now.as_microsecond()))
            .filter(row::Column::Host.is_not_in(busy))
            .order_by_asc(row::Column::DueUs)
            .order_by_asc(row::Column::Id)
    }

    /// Those of `rows` that fit.
    fn fitting(&self, rows: Vec<row::Model>) -> Vec<row::Model> {
        let mut under_way = self.under_way.clone();
        let mut fits = |row: &row::Model| {
            let count = under_way.entry(row.host.clone()).or_default();
            *count += 1;
            *count <= self.host_max
        };
        rows.into_iter().filter(|row| fits(row)).take(self.room).collect()
    }
}

/// Takes what is due and fits; nobody else does until the lease is over.
pub async fn claim(store: &Store, claim: &Claim) -> Result<Vec<Job>, DbErr> {
    let now = store.now(store.read()).await?;
    // A look costs less than a transaction, and mostly there is nothing.
    if claim.room == 0 || claim.due(now).one(store.read()).await?.is_none() {
        return Ok(Vec::new());
    }
    let tx = store.begin().await?;
    let now = store.now(&tx).await?;
    // Rows that another replica is about to take are passed over, so that nobody waits for anybody.
    let due = claim.due(now).limit(ROWS_MAX).lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let rows = claim.fitting(due.all(&tx).await?);
    let token = Uuid::now_v7();
    let until_us = (now + claim.lease).as_microsecond();
    take(&tx, rows.iter().map(|row| row.id).collect(), (token, until_us)).await?;
    tx.commit().await?;
    jobs(store, rows, token).await
}

async fn take(tx: &DatabaseTransaction, ids: Vec<Uuid>, (token, until_us): (Uuid, i64)) -> Result<(), DbErr> {
    for ids in key_chunks(ids) {
        let taken = row::ActiveModel {
            claim: ActiveValue::Set(Some(token)),
            due_us: ActiveValue::Set(until_us),
            ..Default::default()
        };
        row::Entity::update_many().set(taken).filter(row::Column::Id.is_in(ids)).exec(tx).await?;
    }
    Ok(())
}

/// The claimed rows with their messages and addresses.
async fn jobs(store: &Store, rows: Vec<row::Model>, claim: Uuid) -> Result<Vec<Job>, DbErr> {
    let mut messages = HashMap::new();
    for ids in key_chunks(rows.iter().map(|row| row.notification_id).collect()) {
        let found = notification::Entity::find().filter(notification::Column::Id.is_in(ids));
        messages.extend(found.all(store.read()).await?.into_iter().map(|message| (message.id, message)));
    }
    let recipients = reached(store.read(), &rows).await?;
    let jobs = rows.into_iter().filter_map(|row| {
        // A delivery is stored with its message, in one transaction.
        let message = messages.get(&row.notification_id)?.clone();
        let recipient = role_of(&message.role).and_then(|role| recipients.get(&(role, row.recipient.clone())).cloned());
        Some(Delivery::try_from(row).map(|delivery| Job { delivery, claim, message, recipient }))
    });
    jobs.collect()
}

async fn reached(connection: &impl ConnectionTrait, rows: &[row::Model]) -> Result<HashMap<Reader, Recipient>, DbErr> {
    let mut recipients = HashMap::new();
    for names in key_chunks(rows.iter().map(|row| row.recipient.as_str()).collect()) {
        for row in reader::Entity::find().filter(reader::Column::Name.is_in(names)).all(connection).await? {
            let reader = Recipient::try_from(row)?;
            recipients.insert((reader.role, reader.name.clone()), reader);
        }
    }
    Ok(recipients)
}
