//! `yeyak selfcheck`: for containers without a shell.

use anyhow::{Context, bail};
use std::time::Duration;

/// Asks the admin port at `url` whether its process is ready.
pub async fn run(url: &str) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(3)).build()?;
    let answer = client.get(format!("{}/readyz", url.trim_end_matches('/'))).send().await.context("not reachable")?;
    if !answer.status().is_success() {
        bail!("not ready: {}", answer.text().await.unwrap_or_default());
    }
    Ok(())
}
