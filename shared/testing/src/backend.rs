//! The databases that every service runs on, and one test body for all of them.

use crate::postgres;
use std::future::Future;
use std::time::Duration;
use tempfile::TempDir;

/// A test that takes longer hangs, and is ended.
const TEST_BOUND: Duration = Duration::from_secs(600);

/// An engine that the platform supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A fresh, empty database.
#[derive(Debug)]
pub struct Db {
    /// As a store opens it: `sqlite:PATH` or `postgres://…`.
    pub url: String,
    pub backend: Backend,
    /// Where the file of an SQLite database is, removed with the value.
    _folder: Option<TempDir>,
}

/// A fresh database of `backend`.
pub async fn database(backend: Backend) -> Db {
    match backend {
        Backend::Sqlite => {
            let folder = tempfile::Builder::new().prefix("yeyak-sqlite-").tempdir().unwrap();
            let url = format!("sqlite:{}", folder.path().join("test.db").display());
            Db { url, backend, _folder: Some(folder) }
        }
        Backend::Postgres => Db { url: postgres().await.database().await, backend, _folder: None },
    }
}

/// Runs a test on a runtime of its own, as the platform's: several threads.
///
/// # Panics
/// When the test does not end in ten minutes.
pub fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let outcome = runtime.block_on(async { tokio::time::timeout(TEST_BOUND, test).await });
    outcome.unwrap_or_else(|_| panic!("the test did not end in {TEST_BOUND:?}"))
}

/// Makes two tests of each function, one per [`Backend`]; it is given a fresh [`Db`].
///
/// ```text
/// testing::on_each_backend! {
///     async fn a_refusal_keeps_nothing(db: Db) { … }
/// }
/// ```
#[macro_export]
macro_rules! on_each_backend {
    ($($(#[$attribute:meta])* async fn $name:ident($db:ident: Db) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a body may need nothing of its file")]
            use super::*;

            async fn body($db: $crate::Db) $body

            #[test]
            $(#[$attribute])*
            fn on_sqlite() {
                $crate::run(async { body($crate::database($crate::Backend::Sqlite).await).await });
            }

            #[test]
            $(#[$attribute])*
            fn on_postgres() {
                $crate::run(async { body($crate::database($crate::Backend::Postgres).await).await });
            }
        }
    )+};
}
