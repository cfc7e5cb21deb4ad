//! One attempt at one batch: claim, load, decide in memory, save, commit.

use super::fault::Fault;
use super::{Item, KeyUse, Mark, Verdict, Work, keys, rows};
use crate::service::{Emitted, Keep, Scene, Service};
use crate::store::Store;
use crate::table::outbox;
use sea_orm::DatabaseTransaction;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use uuid::Uuid;

/// What a committed batch leaves to tell: a verdict per item, and the events to publish.
pub(super) struct Committed<S: Service> {
    pub verdicts: Vec<Verdict<S::Answer>>,
    pub rows: Vec<outbox::Model>,
}

/// Runs `items` as one transaction.
pub(super) async fn attempt<S: Service>(
    service: &S,
    store: &Store,
    items: &[Item<S>],
    marks: &[Mark],
) -> Result<Committed<S>, Fault> {
    let tx = store.begin().await?;
    let now = store.now(&tx).await?;
    let scene = Scene { now };
    let repeats = keys::claim(&tx, items, now).await?;
    let fresh = rows::claim(&tx, items, now).await?;
    let live: Vec<usize> = (0..items.len())
        .filter(|index| fresh.contains(index) && !repeats.contains_key(index))
        .filter(|index| matches!(items.get(*index).map(|item| &item.work), Some(Work::Command(_))))
        .collect();
    let decided = decide_all(service, &tx, (items, &live), scene).await?;
    rows::insert(&tx, &decided.rows).await?;
    keys::settle(&tx, settled_keys(service, items, &decided.answers), now).await?;
    rows::park(&tx, items, &fresh, now).await?;
    rows::mark(&tx, marks, now).await?;
    // A commit whose answer is lost may or may not have happened: the batch runs again and finds its own work.
    tx.commit().await.map_err(|fault| match Fault::from(fault) {
        Fault::Data(text) | Fault::Unclear(text) if text.contains("onnection") => Fault::Unreachable(text),
        fault => fault,
    })?;
    Ok(Committed { verdicts: verdicts(items, repeats, &fresh, decided.answers), rows: decided.rows })
}

struct DecidedBatch<S: Service> {
    answers: HashMap<usize, S::Answer>,
    rows: Vec<outbox::Model>,
}

async fn decide_all<S: Service>(
    service: &S,
    tx: &DatabaseTransaction,
    (items, live): (&[Item<S>], &[usize]),
    scene: Scene,
) -> Result<DecidedBatch<S>, Fault> {
    let commands: Vec<&S::Command> = live
        .iter()
        .filter_map(|index| match items.get(*index).map(|item| &item.work) {
            Some(Work::Command(command)) => Some(command),
            Some(Work::Park(_)) | None => None,
        })
        .collect();
    let mut decided = DecidedBatch { answers: HashMap::with_capacity(live.len()), rows: Vec::new() };
    if commands.is_empty() {
        return Ok(decided);
    }
    let mut working = service.load(tx, &commands, scene.now).await?;
    let batch = Uuid::now_v7();
    let mut emitted = Emitted::default();
    for (index, command) in live.iter().zip(commands) {
        // A panic in a decision is that command's fault alone: the halving finds it.
        let outcome = catch_unwind(AssertUnwindSafe(|| service.decide(&mut working, command, &scene, &mut emitted)));
        let answer = match outcome {
            Ok(Ok(answer)) => answer,
            Ok(Err(poison)) => return Err(Fault::Data(poison.0)),
            Err(_) => return Err(Fault::Data("the decision panicked".into())),
        };
        if let Some(item) = items.get(*index) {
            for outgoing in emitted.take() {
                let row = rows::row(outgoing, (batch, decided.rows.len()), scene.now)?;
                let (causation, traceparent) = (item.origin.cause, item.origin.traceparent.clone());
                decided.rows.push(outbox::Model { causation, actor: item.actor.clone(), traceparent, ..row });
            }
        }
        decided.answers.insert(*index, answer);
    }
    service.save(tx, working).await?;
    Ok(decided)
}

fn settled_keys<'i, S: Service>(
    service: &S,
    items: &'i [Item<S>],
    answers: &HashMap<usize, S::Answer>,
) -> Vec<(&'i keys::Key, Keep)> {
    items
        .iter()
        .enumerate()
        .filter_map(|(index, item)| match &item.key {
            KeyUse::Without => None,
            KeyUse::Claim(key) | KeyUse::Settle(key) => answers.get(&index).map(|answer| (key, service.keep(answer))),
        })
        .collect()
}

fn verdicts<S: Service>(
    items: &[Item<S>],
    mut repeats: HashMap<usize, keys::Repeat>,
    fresh: &HashSet<usize>,
    mut answers: HashMap<usize, S::Answer>,
) -> Vec<Verdict<S::Answer>> {
    (0..items.len())
        .map(|index| match (repeats.remove(&index), answers.remove(&index)) {
            (Some(repeat), _) => Verdict::Repeat(repeat),
            (None, Some(answer)) => Verdict::Decided(answer),
            (None, None) => {
                debug_assert!(!fresh.contains(&index) || items.get(index).is_some_and(|item| item.event.is_some()));
                Verdict::Handled
            }
        })
        .collect()
}
