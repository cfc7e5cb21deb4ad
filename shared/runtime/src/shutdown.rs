//! The end of a process: a signal drains it, a dead part ends it.
use std::collections::HashMap;
use std::fmt::Display;
use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind};
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

/// Exit code of a process that was told twice to end: 128 + SIGINT, as shells expect.
const EXIT_CODE_IMPATIENT: i32 = 130;

/// Why [`Tasks::run`] did not end well; every variant names the tasks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiedError {
    /// A task returned although nobody asked it to.
    #[error("task {0} ended on its own")]
    Ended(String),
    /// A task returned an error.
    #[error("task {name} failed: {reason}")]
    Failed {
        /// The name given to [`Tasks::spawn`].
        name: String,
        /// The error's message.
        reason: String,
    },
    /// A task panicked.
    #[error("task {name} panicked: {reason}")]
    Panicked {
        /// The name given to [`Tasks::spawn`].
        name: String,
        /// The panic's message.
        reason: String,
    },
    /// Tasks that were still running when the grace was over, by name.
    #[error("tasks still running after the grace: {}", .0.join(", "))]
    Stuck(Vec<String>),
}

/// What a critical task may return: nothing, or an error worth a message.
pub trait Ending {
    /// The failure's message, if it is one.
    fn failure(self) -> Option<String>;
}

impl Ending for () {
    fn failure(self) -> Option<String> {
        None
    }
}

impl<E: Display> Ending for Result<(), E> {
    fn failure(self) -> Option<String> {
        // The alternate form carries the causes of an `anyhow` error.
        self.err().map(|error| format!("{error:#}"))
    }
}

/// A token that is cancelled on SIGINT or SIGTERM. A second signal ends the process at once.
/// Must be called inside a runtime; if the handlers cannot be installed, that is logged and the token is cancelled,
/// because a process that cannot be told to stop should not start.
#[must_use]
pub fn signal() -> CancellationToken {
    let token = CancellationToken::new();
    match listen() {
        Ok(signals) => {
            tokio::spawn(watch(signals, token.clone()));
        }
        Err(error) => {
            tracing::error!(%error, "cannot listen for signals");
            token.cancel();
        }
    }
    token
}

fn listen() -> io::Result<[Signal; 2]> {
    Ok([tokio::signal::unix::signal(SignalKind::interrupt())?, tokio::signal::unix::signal(SignalKind::terminate())?])
}

async fn watch([mut interrupt, mut terminate]: [Signal; 2], token: CancellationToken) {
    let mut next = async || {
        tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
        }
    };
    let first = next().await;
    tracing::info!(signal = first, "shutting down");
    token.cancel();
    let second = next().await;
    tracing::warn!(signal = second, "told twice, ending at once");
    std::process::exit(EXIT_CODE_IMPATIENT);
}

/// The parts a process cannot live without. Dropping it aborts them.
#[derive(Default)]
pub struct Tasks {
    set: JoinSet<Option<String>>,
    names: HashMap<Id, String>,
}

impl Tasks {
    /// No tasks yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a critical task. It must end only after the token later given to [`Tasks::run`] was cancelled.
    pub fn spawn<F>(&mut self, name: impl Into<String>, future: F)
    where
        F: Future<Output: Ending> + Send + 'static,
    {
        let handle = self.set.spawn(async move { future.await.failure() });
        self.names.insert(handle.id(), name.into());
    }

    /// Waits until `shutdown` is cancelled, then at most `grace` for every task to end; what is left is aborted.
    /// A task that ends earlier cancels `shutdown` itself, so that the others drain in the same grace.
    ///
    /// # Errors
    /// The first task that died, else those that outlived the grace.
    pub async fn run(mut self, shutdown: CancellationToken, grace: Duration) -> Result<(), DiedError> {
        let mut died = tokio::select! {
            biased;
            () = shutdown.cancelled() => None,
            Some((name, failure)) = self.next() => Some(failure.unwrap_or(DiedError::Ended(name))),
            // An empty set waits for the signal like any other.
            else => {
                shutdown.cancelled().await;
                None
            }
        };
        if let Some(error) = &died {
            tracing::error!(%error, "a part of the process died, shutting down");
            shutdown.cancel();
        }
        let drained = tokio::time::timeout(grace, async {
            while let Some((_, failure)) = self.next().await {
                died = died.take().or(failure);
            }
        });
        let in_time = drained.await.is_ok();
        let mut left: Vec<String> = self.names.into_values().collect();
        left.sort_unstable();
        match died {
            Some(error) => Err(error),
            None if in_time => Ok(()),
            None => Err(DiedError::Stuck(left)),
        }
    }

    /// The next task that ended, and why if it did not end well.
    async fn next(&mut self) -> Option<(String, Option<DiedError>)> {
        let joined = self.set.join_next_with_id().await?;
        let id = joined.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let name = self.names.remove(&id).unwrap_or_default();
        let failure = match joined {
            Ok((_, None)) => None,
            Ok((_, Some(reason))) => Some(DiedError::Failed { name: name.clone(), reason }),
            Err(error) => Some(DiedError::Panicked { name: name.clone(), reason: reason(error) }),
        };
        Some((name, failure))
    }
}

fn reason(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(panic) => panic_message(panic.as_ref()),
        Err(error) => error.to_string(),
    }
}

/// The message of a caught panic, as far as it has one.
pub(crate) fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(5);

    async fn lose(what: &str) {
        panic!("lost the {what}")
    }

    #[tokio::test]
    async fn a_task_that_ends_early_takes_the_others_down_and_is_named() {
        let stop = CancellationToken::new();
        let mut tasks = Tasks::new();
        tasks.spawn("relay", async {});
        tasks.spawn("http", stop.clone().cancelled_owned());
        assert_eq!(tasks.run(stop.clone(), GRACE).await, Err(DiedError::Ended("relay".into())));
        assert!(stop.is_cancelled());
    }

    #[tokio::test]
    async fn a_panic_and_an_error_are_told_with_their_reason() {
        let stop = CancellationToken::new();
        let mut tasks = Tasks::new();
        tasks.spawn("writer", lose("lock"));
        let panicked = DiedError::Panicked { name: "writer".into(), reason: "lost the lock".into() };
        assert_eq!(tasks.run(stop, GRACE).await, Err(panicked));

        let mut tasks = Tasks::new();
        tasks.spawn("http", async { Err::<(), _>(io::Error::other("port taken")) });
        let failed = DiedError::Failed { name: "http".into(), reason: "port taken".into() };
        assert_eq!(tasks.run(CancellationToken::new(), GRACE).await, Err(failed));
    }

    #[tokio::test]
    async fn a_shutdown_waits_for_all_and_names_the_stuck() {
        let stop = CancellationToken::new();
        let mut tasks = Tasks::new();
        tasks.spawn("http", stop.clone().cancelled_owned());
        stop.cancel();
        assert_eq!(tasks.run(stop.clone(), GRACE).await, Ok(()));

        let mut tasks = Tasks::new();
        tasks.spawn("relay", std::future::pending::<()>());
        tasks.spawn("consumer", std::future::pending::<()>());
        tasks.spawn("http", stop.clone().cancelled_owned());
        let stuck = DiedError::Stuck(vec!["consumer".into(), "relay".into()]);
        assert_eq!(tasks.run(stop, Duration::from_millis(20)).await, Err(stuck));
    }

    #[tokio::test]
    async fn no_tasks_wait_for_the_signal() {
        let stop = CancellationToken::new();
        let run = tokio::spawn(Tasks::new().run(stop.clone(), GRACE));
        stop.cancel();
        assert_eq!(run.await.unwrap(), Ok(()));
    }
}
