//! The closed loop.

use crate::board::{Accepted, Board};
use crate::ear::Ear;
use crate::http::{Address, Client};
use crate::plan::{Payment, Plan};
use crate::shelf::Shelf;
use crate::tally::{Tally, Window};
use rand::RngExt;
use serde::Deserialize;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Times that one booking is sent under its key before its outcome counts as unknown.
const SENDS_MAX: u32 = 5;
/// Before a booking is sent again, in milliseconds.
const AGAIN_MS: u64 = 200;
const IN_PROGRESS: &str = "/in-progress";
/// A caller that is told to come back later waits at most so long, in seconds.
const RETRY_AFTER_SECONDS_MAX: u64 = 5;
/// How often the end of the last reservations is looked for, in milliseconds.
const DRAIN_LOOK_MS: u64 = 10;

/// What all callers share.
struct Floor {
    plan: Plan,
    shelf: Shelf,
    reservation: Address,
    board: Board,
    tally: Mutex<Tally>,
    /// Requests left, where the load goes by number; those of the warm-up are free.
    left: AtomicU64,
    run: String,
}

/// What a load leaves behind.
pub struct Ended {
    pub shelf: Shelf,
    pub tally: Tally,
    /// Accepted reservations whose end was never seen.
    pub unsettled: usize,
}

#[derive(Deserialize)]
struct Placed {
    id: Uuid,
}

#[derive(Deserialize)]
struct Problem<'a> {
    #[serde(borrow, rename = "type")]
    kind: std::borrow::Cow<'a, str>,
}

/// Books from `shelf` as `plan` says, until the last accepted reservation has ended or patience has.
pub async fn run(plan: &Plan, shelf: Shelf, reservation: &Address, ear: Ear) -> anyhow::Result<Ended> {
    let from = Instant::now() + Duration::from_secs(plan.warmup_seconds);
    let until = plan.reservations.is_none().then(|| from + Duration::from_secs(plan.seconds));
    let tally = Tally::new(Window { from, until }, shelf.offerings.len(), plan.verify_max as usize)?;
    let floor = Arc::new(Floor {
        plan: plan.clone(),
        shelf,
        reservation: reservation.clone(),
        board: Board::default(),
        tally: Mutex::new(tally),
        left: AtomicU64::new(plan.reservations.unwrap_or(u64::MAX)),
        run: Uuid::new_v4().simple().to_string(),
    });
    let mut listening = JoinSet::new();
    let heard = Arc::clone(&floor);
    listening.spawn(async move { ear.listen(&heard.board, &heard.tally).await });
    let mut callers = JoinSet::new();
    for number in 0..plan.callers {
        let floor = Arc::clone(&floor);
        callers.spawn(async move { Caller::new(floor, number).work((from, until)).await });
    }
    callers.join_all().await;
    let patience = Instant::now() + Duration::from_secs(plan.patience_seconds);
    while floor.board.open() > 0 && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(DRAIN_LOOK_MS)).await;
    }
    listening.shutdown().await;
    let unsettled = floor.board.open();
    let floor = Arc::into_inner(floor).ok_or_else(|| anyhow::anyhow!("a caller is left"))?;
    Ok(Ended { shelf: floor.shelf, tally: floor.tally.into_inner().unwrap_or_else(PoisonError::into_inner), unsettled })
}

impl Floor {
    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn takes_one(&self) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// How one booking was answered.
enum Answered {
    Accepted(Uuid),
    Refused { retry_after_seconds: Option<u64> },
    Unknown,
}

struct Caller {
    floor: Arc<Floor>,
    client: Client,
    number: u16,
    body: Vec<u8>,
    span: String,
}

impl Caller {
    fn new(floor: Arc<Floor>, number: u16) -> Self {
        let (client, span) = (Client::new(&floor.reservation), floor.shelf.span());
        Self { floor, client, number, body: Vec::new(), span }
    }

    async fn work(mut self, (from, until): (Instant, Option<Instant>)) {
        for turn in 0_u64.. {
            let begun = Instant::now();
            let over = match until {
                Some(until) => begun >= until,
                None => begun >= from && !self.floor.takes_one(),
            };
            if over {
                break;
            }
            let offering = rand::rng().random_range(0..self.floor.shelf.offerings.len());
            match self.book(turn, offering).await {
                Answered::Accepted(id) => self.accepted(id, Accepted { begun, offering }).await,
                Answered::Refused { retry_after_seconds: Some(seconds) } => pause(seconds).await,
                Answered::Refused { retry_after_seconds: None } => {}
                Answered::Unknown => self.floor.tally().unknown += 1,
            }
        }
    }

    /// Sends one booking until its outcome is known.
    async fn book(&mut self, turn: u64, offering: usize) -> Answered {
        let Some(id) = self.floor.shelf.offerings.get(offering) else { return Answered::Unknown };
        let (floor, number) = (&self.floor, self.number);
        self.body.clear();
        // Writing to memory does not fail, and an unfinished body would be refused.
        write!(
            self.body,
            r#"{{"offering_id":"{id}","guest_id":"guest-{number}","quantity":1,"payment_method":"card-ok"{}}}"#,
            self.span
        )
        .ok();
        let key = format!("{}-{number}-{turn}", floor.run);
        for _ in 0..SENDS_MAX {
            match self.client.post("/reservations", &key, &self.body).await {
                Ok(answer) if matches!(answer.status, 201 | 202) => {
                    match serde_json::from_slice::<Placed>(answer.body) {
                        Ok(placed) => return Answered::Accepted(placed.id),
                        Err(_) => floor.tally().fail("an accepted reservation without an id"),
                    }
                }
                Ok(answer) => {
                    let problem = serde_json::from_slice::<Problem<'_>>(answer.body);
                    let kind = problem.map_or("without a problem type".into(), |problem| problem.kind);
                    floor.tally().refuse(answer.status, &kind);
                    // Its first sending is still at work; what it comes to is what this booking is.
                    if !kind.ends_with(IN_PROGRESS) {
                        return Answered::Refused { retry_after_seconds: answer.retry_after_seconds };
                    }
                }
                Err(fault) => floor.tally().fail(&fault.to_string()),
            }
            tokio::time::sleep(Duration::from_millis(AGAIN_MS)).await;
        }
        Answered::Unknown
    }

    /// A guest who pays later goes on when its own reservation has ended; another has its answer already.
    async fn accepted(&self, id: Uuid, accepted: Accepted) {
        self.floor.tally().accept(id, accepted, Instant::now());
        match self.floor.board.accept(id, accepted) {
            Ok(settled) => self.floor.tally().settle(accepted, settled),
            Err(waiting) => {
                if self.floor.plan.payment == Payment::SettleLater {
                    let patience = Duration::from_secs(self.floor.plan.patience_seconds);
                    if tokio::time::timeout(patience, waiting).await.is_err() {
                        self.floor.tally().fail("a caller lost its patience");
                    }
                }
            }
        }
    }
}

/// Callers that were sent away together do not come back together.
async fn pause(seconds: u64) {
    let ms = seconds.min(RETRY_AFTER_SECONDS_MAX) * 1_000;
    let ms = rand::rng().random_range(ms / 2..=ms + ms / 2);
    tokio::time::sleep(Duration::from_millis(ms)).await;
}
