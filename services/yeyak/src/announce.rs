//! `yeyak announce`: an owner tells the present state of everything it has.

use crate::ground;
use crate::serve::database_url;
use anyhow::{Context, bail};
use choreography::{Announces, Place, Store, announce};
use runtime::config::Env;
use std::io::Write;

/// Announces what `service` owns, from `after` on where an earlier run stopped.
pub async fn run(service: &str, after: Option<Place>) -> anyhow::Result<()> {
    let env = Env::system();
    let url = database_url(&env, service, true);
    env.finish()?;
    let known = crate::roles::named(&[service.to_owned()])?;
    let store = ground::store(&url, service).await?;
    for one in known {
        store.is_current(one.migrations).await.with_context(|| format!("the schema of {service}"))?;
    }
    let count = match service {
        "catalog" => tell::<catalog::Announcer>(&store, after).await,
        "reservation" => tell::<reservation::Announcer>(&store, after).await,
        "payment" => tell::<payment::Announcer>(&store, after).await,
        "waitlist" => tell::<waitlist::Announcer>(&store, after).await,
        "seating" => tell::<seating::Announcer>(&store, after).await,
        "review" => tell::<review::Announcer>(&store, after).await,
        _ => bail!("{service} owns nothing that others know by its state"),
    }?;
    writeln!(std::io::stdout(), "{count} states of {service} are on their way; its relay publishes them")?;
    Ok(())
}

async fn tell<A: Announces>(store: &Store, after: Option<Place>) -> anyhow::Result<u64> {
    let mut last = after.clone();
    let told = announce::<A>(store, after, |place, _count| last = Some(place.clone())).await;
    told.with_context(|| match &last {
        Some(place) => format!("announcing stopped; go on with --after {place}"),
        None => "announcing did not begin".to_owned(),
    })
}
