//! `yeyak provision`: the stream and the consumer groups, before the first service starts.

use crate::ground;
use crate::roles::{self, SERVICES};
use choreography::Group;
use runtime::config::Env;
use runtime::shutdown::signal;
use runtime::telemetry::{self, Telemetry};

/// Makes the stream and the groups of the named services, or of all, where they are missing.
pub async fn run(names: &[String]) -> anyhow::Result<()> {
    let services = if names.is_empty() { SERVICES.to_vec() } else { roles::named(names)? };
    let env = Env::system();
    let url = env.required("NATS_URL");
    let telemetry = Telemetry::read(&env, "provision");
    let patience = ground::patience(&env);
    ground::stream(&env);
    env.finish()?;
    let guard = telemetry::init(&telemetry)?;
    let stop = signal();
    let broker = ground::broker(&env, &url, "provision").await?;
    let groups: Vec<Group> = services.iter().map(|service| service.group).collect();
    let provision = async || Ok(broker.provision(&groups).await?);
    let outcome = ground::unless_stopped(&stop, ground::patiently(patience, provision)).await;
    if outcome.is_ok() {
        let groups: Vec<&str> = groups.iter().map(|group| group.name).collect();
        tracing::info!(groups = groups.join(","), "the stream and the groups are there");
    }
    broker.close().await;
    guard.shutdown();
    outcome
}
