//! Calling the next party: after every change of a line, and when a sweep finds what nobody finished.

use crate::claim::Claimer;
use crate::service::Waitlist;
use crate::store;
use choreography::{Engine, KeyUse, Origin, Reply, Request};
use futures_util::future::join_all;
use kernel::OfferingId;
use sea_orm::DbErr;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::Span;
use waitlist_domain::{Command, Next, Told};

/// How often deadlines are looked at.
const SWEEP_MS: u64 = 1_000;
/// Changes of lines that wait to be looked at; a sweep finds one more.
const NUDGES_MAX: usize = 16_384;
/// Lines looked at together.
const LOOKS_MAX: usize = 256;

/// A line in which something changed.
#[derive(Debug)]
pub struct Nudge {
    pub line: OfferingId,
    pub origin: Origin,
}

/// Where commits leave the lines that they changed.
#[derive(Clone, Debug)]
pub struct Nudges(mpsc::Sender<Nudge>);

impl Nudges {
    /// A queue and its end.
    pub fn new() -> (Self, mpsc::Receiver<Nudge>) {
        let (sender, nudges) = mpsc::channel(NUDGES_MAX);
        (Self(sender), nudges)
    }

    /// Leaves a nudge; where there is no room, the sweep finds the line.
    pub fn give(&self, nudge: Nudge) {
        if let Err(refused) = self.0.try_send(nudge) {
            tracing::debug!(%refused, "a change of a line is left to the sweep");
        }
    }
}

/// Calls parties.
pub struct Caller {
    pub engine: Engine<Waitlist>,
    pub claimer: Claimer,
}

impl Caller {
    /// Runs until `stop`.
    pub async fn run(self, mut nudges: mpsc::Receiver<Nudge>, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(Duration::from_millis(SWEEP_MS));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut changed = Vec::new();
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                _ = ticks.tick() => {
                    if let Err(fault) = self.sweep().await {
                        tracing::warn!(%fault, "the sweep of lines");
                    }
                }
                count = nudges.recv_many(&mut changed, LOOKS_MAX) => {
                    if count == 0 {
                        return stop.cancelled().await;
                    }
                    // A line that changed several times is looked at once.
                    let lines: BTreeMap<_, _> = changed.drain(..).map(|nudge| (nudge.line, nudge.origin)).collect();
                    self.look(lines).await;
                }
            }
        }
    }

    async fn sweep(&self) -> Result<(), DbErr> {
        let store = self.engine.store();
        let now = store.now(store.read()).await?;
        let due = store::due_tickets(store, now).await?;
        self.ask(due.into_iter().map(|ticket| (Command::Due { ticket }, Origin::default())).collect()).await;
        let lines = store::lines_to_look_at(store, now).await?;
        self.look(lines.into_iter().map(|line| (line, Origin::default())).collect()).await;
        Ok(())
    }

    async fn look(&self, lines: BTreeMap<OfferingId, Origin>) {
        self.ask(lines.into_iter().map(|(line, origin)| (Command::Advance { line }, origin)).collect()).await;
    }

    /// Asks in one batch, and begins the claims that are wanted.
    async fn ask(&self, commands: Vec<(Command, Origin)>) {
        let asked = commands.into_iter().map(async |(command, origin)| {
            let request = Request { cause: origin.cause, ..Request::own(command) };
            (self.engine.writer().ask(request).await, origin)
        });
        for (outcome, origin) in join_all(asked).await {
            match outcome {
                Ok(Reply::Decided(Ok(Told::Stands(standing)))) => {
                    if let Next::Claim { .. } = standing.next {
                        // Below whatever made room for this party.
                        span(&origin).in_scope(|| drop(self.claimer.begin(*standing, KeyUse::Without, origin)));
                    }
                }
                // Nobody can be called, or another replica sees to it.
                Ok(Reply::Decided(_) | Reply::Repeat(_)) => {}
                Ok(Reply::Faulty(reason)) => tracing::error!(%reason, "who is next cannot be decided"),
                Err(unavailable) => tracing::debug!(%unavailable, "who is next waits for the sweep"),
            }
        }
    }
}

/// The span of a call for a party's seats.
fn span(origin: &Origin) -> Span {
    if !runtime::telemetry::is_tracing() {
        return Span::none();
    }
    let span = tracing::info_span!("call next");
    runtime::telemetry::continue_from(&span, origin.traceparent.as_deref());
    span
}
