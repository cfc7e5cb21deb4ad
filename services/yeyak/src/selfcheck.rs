//! `yeyak selfcheck`: for containers without a shell.

use crate::serve;
use anyhow::{Context, bail};
use runtime::config::Env;
use runtime::http::client;
use std::time::Duration;

/// The answer has this long to come.
const ANSWER_SECONDS_MAX: u64 = 3;

/// Asks the admin port at `url`, or the one that a process of this environment opens, whether its process is ready.
pub async fn run(url: Option<String>) -> anyhow::Result<()> {
    let env = Env::system();
    let url = url.unwrap_or_else(|| format!("http://127.0.0.1:{}", serve::admin_port(&env)));
    env.finish()?;
    let request = client().get(format!("{}/readyz", url.trim_end_matches('/')));
    let answer = request.timeout(Duration::from_secs(ANSWER_SECONDS_MAX)).send().await.context("not reachable")?;
    if !answer.status().is_success() {
        bail!("not ready: {}", answer.text().await.unwrap_or_default());
    }
    Ok(())
}
