//! Consumer groups: one durable group per service, shared by its replicas, belonging to one database.

use crate::broker::{Broker, BrokerError, STREAM};
use async_nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, pull};
use async_nats::jetstream::stream::Stream;
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

/// Most messages delivered and not acknowledged, over all replicas.
const UNACKNOWLEDGED_MAX: i64 = 2_048;
/// After this long an unacknowledged message is delivered again.
const ACK_WAIT_SECONDS: u64 = 30;
/// Under this name a group's metadata says whose it is.
const DATABASE: &str = "yeyak-database";

/// A service's group: its name and the topics it hears.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    pub name: &'static str,
    pub topics: &'static [&'static str],
}

impl Group {
    /// The group, made where it is missing. It belongs to one database: what it has acknowledged is in that one, and
    /// another's services would miss it without a word. One that was only provisioned belongs to nobody yet. It goes on
    /// hearing whatever it heard.
    pub(crate) async fn join(self, broker: &Broker, database: Uuid) -> Result<Consumer<pull::Config>, BrokerError> {
        let stream = broker.stream().await?;
        let database = database.to_string();
        let known = stream.get_consumer::<pull::Config>(self.name).await.ok();
        let owner = known.as_ref().and_then(|known| known.cached_info().config.metadata.get(DATABASE));
        if let Some(owner) = owner.filter(|owner| **owner != database) {
            return Err(BrokerError(format!(
                "the consumer group `{}` of this broker belongs to the database {owner}, and this is {database}: use \
                 another broker, or delete the group if that database is gone",
                self.name
            )));
        }
        let mut config = self.config(HashMap::from([(DATABASE.to_owned(), database)]));
        // While a new program replaces an old one both join: the older must not take away what the newer hears.
        let heard = known.into_iter().flat_map(|known| known.cached_info().config.filter_subjects.clone());
        config.filter_subjects.extend(heard);
        config.filter_subjects.sort_unstable();
        config.filter_subjects.dedup();
        stream.create_consumer(config).await.map_err(|fault| BrokerError(fault.to_string()))
    }

    /// Makes the group where it is missing, as nobody's: it gathers from the stream's begin, and the first database
    /// that joins owns it. One that exists stays as it is, its owner and its place above all.
    async fn provision(self, stream: &Stream) -> Result<(), BrokerError> {
        if self.topics.is_empty() || stream.get_consumer::<pull::Config>(self.name).await.is_ok() {
            return Ok(());
        }
        // Strictly: a service that made it in the meantime must not lose it again.
        let made = stream.create_consumer_strict(self.config(HashMap::new())).await;
        made.map(drop).map_err(|fault| BrokerError(format!("the consumer group `{}`: {fault}", self.name)))
    }

    fn config(self, metadata: HashMap<String, String>) -> pull::Config {
        pull::Config {
            durable_name: Some(self.name.into()),
            filter_subjects: self.topics.iter().map(|topic| format!("evt.{topic}.*")).collect(),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: Duration::from_secs(ACK_WAIT_SECONDS),
            max_deliver: -1,
            max_ack_pending: UNACKNOWLEDGED_MAX,
            metadata,
            ..Default::default()
        }
    }
}

impl Broker {
    /// Makes the stream and these groups where they are missing, and lets a stream that exists keep more bytes or
    /// copies if it shall; it never takes any away.
    ///
    /// # Errors
    /// The broker cannot be reached or refuses; what was made until then stays, and the next call goes on.
    pub async fn provision(&self, groups: &[Group]) -> Result<(), BrokerError> {
        let stream = self.stream().await?;
        self.widen(&stream).await.map_err(|fault| BrokerError(format!("the stream {STREAM}: {}", fault.0)))?;
        for group in groups {
            group.provision(&stream).await?;
        }
        Ok(())
    }
}
