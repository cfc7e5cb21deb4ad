//! Whole replays against a running platform: alone, interrupted again and again, and beside what it must refuse.

use crate::platform::Platform;
use replay::{Capacities, Config, Outcome, Payment, Plan, Progress, differences, reference, run};
use std::path::PathBuf;
use tempfile::TempDir;
use testing::on_each_backend;
use tokio::sync::Notify;

const NONE: [String; 0] = [];

fn config(platform: &Platform, state: Option<PathBuf>) -> Config {
    Config { capacities: Capacities { city: 9, resort: 7 }, state, ..Config::entry(&platform.url) }
}

/// Runs until `calls` were answered, and is gone then, with whatever was under way; `None` if it was.
async fn until(config: &Config, plan: &Plan, calls: usize) -> Option<Outcome> {
    let enough = Notify::new();
    let watch = |progress: Progress| {
        if progress.calls >= calls {
            enough.notify_one();
        }
    };
    tokio::select! {
        biased;
        () = enough.notified() => None,
        outcome = run(config, plan, watch) => Some(outcome.unwrap()),
    }
}

on_each_backend! {
async fn every_decision_is_the_references(db: Db) {
    let platform = Platform::start(&db, "1024").await;
    let plan = Plan::generated(1, 1_200);
    let config = config(&platform, None);
    let mut last = Progress::default();
    let outcome = run(&config, &plan, |progress| last = progress).await.unwrap();
    assert_eq!(differences(&outcome, &reference(&plan, config.capacities)), NONE);
    assert!(last.done == last.of && last.calls > 0, "{last:?}");
    platform.end().await;
}

async fn a_call_that_is_to_come_back_later_does(db: Db) {
    // Of several calls at once, one is taken on.
    let platform = Platform::start(&db, "1").await;
    let plan = Plan::generated(5, 40);
    let config = config(&platform, None);
    let outcome = run(&config, &plan, |_| ()).await.unwrap();
    assert_eq!(differences(&outcome, &reference(&plan, config.capacities)), NONE);
    platform.end().await;
}

async fn interrupted_anywhere_it_decides_and_books_the_same(db: Db) {
    let platform = Platform::start(&db, "1024").await;
    let folder = TempDir::new().unwrap();
    let plan = Plan::generated(2, 900);
    let config = Config {
        payment: Payment::None,
        ..config(&platform, Some(folder.path().join("state")))
    };
    let mut interruptions = 0;
    let outcome = loop {
        match until(&config, &plan, 17).await {
            Some(outcome) => break outcome,
            None => interruptions += 1,
        }
    };
    assert!(interruptions >= 10, "{interruptions}");
    let expected = reference(&plan, config.capacities);
    assert_eq!(differences(&outcome, &expected), NONE);
    // Once more, with everything known, it asks for nothing but the nights.
    let mut calls = 0;
    let again = run(&config, &plan, |progress| calls = progress.calls).await.unwrap();
    assert_eq!((calls, again), (0, expected));
    platform.end().await;
}

async fn a_run_is_not_begun_twice(db: Db) {
    let platform = Platform::start(&db, "1024").await;
    let plan = Plan::generated(3, 60);
    let named = Config { run: Some("spring".into()), ..config(&platform, None) };
    run(&named, &plan, |_| ()).await.unwrap();
    let fault = format!("{:#}", run(&named, &plan, |_| ()).await.unwrap_err());
    assert!(fault.contains("the run spring has begun already"), "{fault}");
    let fault = format!("{:#}", run(&Config { run: Some("a b".into()), ..named }, &plan, |_| ()).await.unwrap_err());
    assert!(fault.contains("not `a b`"), "{fault}");
    platform.end().await;
}

async fn an_answer_that_decides_nothing_ends_the_run_with_a_sentence(db: Db) {
    let platform = Platform::start(&db, "1024").await;
    let plan = Plan::generated(4, 60);
    // No offering has no rooms at all.
    let none = Config { capacities: Capacities { city: 0, resort: 1 }, ..config(&platform, None) };
    let fault = format!("{:#}", run(&none, &plan, |_| ()).await.unwrap_err());
    assert!(fault.contains("/offerings answered 422") && fault.contains("`units`"), "{fault}");
    let elsewhere = Config::entry("not a url");
    let fault = format!("{:#}", run(&elsewhere, &plan, |_| ()).await.unwrap_err());
    assert!(fault.contains("publishing the city hotel"), "{fault}");
    platform.end().await;
}
}
