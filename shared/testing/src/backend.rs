//! The databases that every service runs on, and one test body for all of them.

use crate::{mariadb, postgres};
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
    MariaDb,
}

/// A fresh, empty database.
#[derive(Debug)]
pub struct Db {
    /// As a store opens it: `sqlite:PATH`, `postgres://…` or `mariadb://…`.
    pub url: String,
    pub backend: Backend,
    /// Where the file of an SQLite database is, removed with the value.
    _folder: Option<TempDir>,
}

/// A fresh database of `backend`.
///
/// # Panics
/// Where the server cannot be started, or is not installed.
pub async fn database(backend: Backend) -> Db {
    match backend {
        Backend::Sqlite => {
            let folder = tempfile::Builder::new().prefix("yeyak-sqlite-").tempdir().unwrap();
            let url = format!("sqlite:{}", folder.path().join("test.db").display());
            Db { url, backend, _folder: Some(folder) }
        }
        Backend::Postgres => Db { url: postgres().await.database().await, backend, _folder: None },
        Backend::MariaDb => Db { url: mariadb().await.unwrap().database().await, backend, _folder: None },
    }
}

/// Runs a test that is given a fresh database of `backend`, like [`run`]; none where the server is not installed.
pub fn run_on(backend: Backend, test: impl AsyncFnOnce(Db)) {
    run(async {
        if backend == Backend::MariaDb && mariadb().await.is_none() {
            return;
        }
        test(database(backend).await).await;
    });
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

/// Makes two tests of each function, on SQLite and on Postgres; it is given a fresh [`Db`].
///
/// ```text
/// testing::on_each_backend! {
///     async fn a_refusal_keeps_nothing(db: Db) { … }
/// }
/// ```
#[macro_export]
macro_rules! on_each_backend {
    ($($tests:tt)+) => {
        $crate::on_backends! { (on_sqlite Sqlite on_postgres Postgres) $($tests)+ }
    };
}

/// Like [`on_each_backend!`], with a third test on MariaDB, which is skipped where that is not installed.
#[macro_export]
macro_rules! on_every_backend {
    ($($tests:tt)+) => {
        $crate::on_backends! { (on_sqlite Sqlite on_postgres Postgres on_mariadb MariaDb) $($tests)+ }
    };
}

/// Like [`on_every_backend!`], on the servers only, which several replicas share.
#[macro_export]
macro_rules! on_each_server {
    ($($tests:tt)+) => {
        $crate::on_backends! { (on_postgres Postgres on_mariadb MariaDb) $($tests)+ }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! on_backends {
    ($engines:tt $($(#[$attribute:meta])* async fn $name:ident($db:ident: Db) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a body may need nothing of its file")]
            use super::*;

            async fn body($db: $crate::Db) $body

            $crate::on_backends! { @tests $engines [$(#[$attribute])*] }
        }
    )+};
    (@tests ($test:ident $backend:ident $($rest:ident)*) $attributes:tt) => {
        $crate::on_backends! { @test $test $backend $attributes }
        $crate::on_backends! { @tests ($($rest)*) $attributes }
    };
    (@tests () $attributes:tt) => {};
    (@test $test:ident $backend:ident [$(#[$attribute:meta])*]) => {
        #[test]
        $(#[$attribute])*
        fn $test() {
            $crate::run_on($crate::Backend::$backend, body);
        }
    };
}
