//! `yeyak selfcheck`: for containers without a shell.

use anyhow::{Context, bail};
use runtime::http::client;
use std::time::Duration;

/// The answer has this long to come.
const ANSWER_SECONDS_MAX: u64 = 3;

/// Asks the admin port at `url` whether its process is ready.
pub async fn run(url: &str) -> anyhow::Result<()> {
    let request = client().get(format!("{}/readyz", url.trim_end_matches('/')));
    let answer = request.timeout(Duration::from_secs(ANSWER_SECONDS_MAX)).send().await.context("not reachable")?;
    if !answer.status().is_success() {
        bail!("not ready: {}", answer.text().await.unwrap_or_default());
    }
    Ok(())
}
