//! Offerings that were stored before there was an index of words get into it, a batch at a time, once per database.

use crate::service::Catalog;
use crate::store;
use crate::working::Command;
use choreography::{Engine, Request};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A fault is waited out this long.
const RETRY_MS: u64 = 1_000;

/// Runs until `stop`, at rest once every offering is in the index.
pub async fn run(engine: Engine<Catalog>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match round(&engine).await {
            // What ends before the process is taken for dead.
            Ok(0) => return stop.cancelled().await,
            Ok(number) => tracing::info!(number, "offerings were brought into the index of words"),
            Err(fault) => {
                tracing::warn!(%fault, "the index of words waits");
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(Duration::from_millis(RETRY_MS)) => {}
                }
            }
        }
    }
}

/// How many offerings were brought into the index.
async fn round(engine: &Engine<Catalog>) -> Result<usize, String> {
    let missing = store::missing(engine.store()).await.map_err(|fault| fault.to_string())?;
    let number = missing.len();
    let mut asked = tokio::task::JoinSet::new();
    for offering in missing {
        let writer = engine.writer().clone();
        asked.spawn(async move { writer.ask(Request::own(Command::Index(offering))).await });
    }
    while let Some(answer) = asked.join_next().await {
        match answer {
            Ok(Ok(_)) => {}
            Ok(Err(unavailable)) => return Err(format!("{unavailable:?}")),
            Err(fault) => return Err(fault.to_string()),
        }
    }
    Ok(number)
}
