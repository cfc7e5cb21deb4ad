//! R17: who may do what, by the tokens of a real OpenID provider.

mod bodies;
mod endpoints;
mod forged;
mod stories;
mod table;
mod world;

pub use table::routes;

use crate::fixture::embedded::Embedded;
use testing::{Backend, Issuer};

/// An embedded platform that believes this provider; `extra` is added to its environment.
pub async fn platform(issuer: &Issuer, extra: &[(&'static str, &str)]) -> Embedded {
    let platform = begun(issuer, extra).await;
    platform.until_ready().await;
    platform
}

/// As [`platform`], but it need not be ready yet.
async fn begun(issuer: &Issuer, extra: &[(&'static str, &str)]) -> Embedded {
    let environment = issuer.environment();
    let environment = environment.iter().map(|(name, value)| (*name, value.as_str())).chain(extra.iter().copied());
    Embedded::begin(Backend::Sqlite, &environment.collect::<Vec<_>>(), &[]).await
}
