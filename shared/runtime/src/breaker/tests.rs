//! The breaker against futures that fail, hang or are dropped.
use std::future::pending;

use futures_util::future::join_all;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::policy::IN_A_ROW_MAX;
use super::*;

const BACKOFF_MS: u64 = 40;

fn breaker() -> Breaker {
    let settings =
        Settings { timeout_ms: 1_000, backoff_ms_min: BACKOFF_MS, backoff_ms_max: BACKOFF_MS, in_flight_max: 64 };
    Breaker::new("test", settings)
}

async fn fail(breaker: &Breaker) -> Rejected<&'static str> {
    breaker.call(async { Err::<(), _>("down") }).await.unwrap_err()
}

async fn told(answered: &Notify) -> Result<(), ()> {
    answered.notified().await;
    Ok(())
}

async fn opened() -> Breaker {
    let breaker = breaker();
    for _ in 0..IN_A_ROW_MAX {
        assert_eq!(fail(&breaker).await, Rejected::Inner("down"));
    }
    breaker
}

/// failsafe reads the real clock, so a back-off has to be lived through.
async fn back_off_passed() {
    tokio::time::sleep(Duration::from_millis(BACKOFF_MS + 5)).await;
}

#[tokio::test]
async fn opens_after_five_failures_in_a_row_and_sends_nothing_then() {
    let breaker = opened().await;
    assert_eq!(breaker.state(), State::Open);
    let refused = breaker.call(async { panic!("must not be polled") as Result<(), &str> }).await;
    let Err(Rejected::Open { retry_after_ms }) = refused else { panic!("{refused:?}") };
    assert!((1..=BACKOFF_MS).contains(&retry_after_ms));
    assert!(breaker.refuses());
}

#[tokio::test]
async fn a_success_between_starts_the_row_over() {
    let breaker = breaker();
    for _ in 0..4 {
        fail(&breaker).await;
    }
    assert_eq!(breaker.call(async { Ok::<_, &str>("refused, politely") }).await, Ok("refused, politely"));
    for _ in 0..4 {
        fail(&breaker).await;
    }
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test]
async fn a_timeout_counts() {
    let breaker = Breaker::new("test", Settings { timeout_ms: 5, ..Settings::default() });
    for _ in 0..IN_A_ROW_MAX {
        assert_eq!(breaker.call(pending::<Result<(), ()>>()).await, Err(Rejected::Timeout));
    }
    assert_eq!(breaker.state(), State::Open);
}

#[tokio::test]
async fn half_open_lets_one_of_fifty_through_and_closes_after_its_success() {
    let breaker = opened().await;
    back_off_passed().await;
    assert!(!breaker.refuses(), "somebody has to try");
    let answered = Notify::new();
    let calls = (0..50).map(|_| breaker.call(told(&answered)));
    let (results, ()) = tokio::join!(join_all(calls), async {
        tokio::task::yield_now().await;
        assert_eq!(breaker.state(), State::HalfOpen);
        assert!(breaker.refuses());
        answered.notify_waiters();
    });
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert_eq!(results.iter().filter(|result| matches!(result, Err(Rejected::Open { .. }))).count(), 49);
    assert_eq!(breaker.state(), State::Closed);
    assert_eq!(breaker.call(async { Ok::<_, ()>(()) }).await, Ok(()));
}

#[tokio::test]
async fn a_failed_probe_opens_again() {
    let breaker = opened().await;
    back_off_passed().await;
    assert_eq!(fail(&breaker).await, Rejected::Inner("down"));
    assert_eq!(breaker.state(), State::Open);
    assert!(matches!(fail(&breaker).await, Rejected::Open { .. }));
}

#[tokio::test]
async fn a_dropped_probe_makes_room_for_the_next() {
    let breaker = opened().await;
    back_off_passed().await;
    let dropped = tokio::time::timeout(Duration::from_millis(5), breaker.call(pending::<Result<(), ()>>())).await;
    assert!(dropped.is_err());
    assert_eq!(breaker.state(), State::HalfOpen);
    assert_eq!(breaker.call(async { Ok::<_, ()>(()) }).await, Ok(()));
    assert_eq!(breaker.state(), State::Closed);
}

#[tokio::test]
async fn a_slow_success_from_before_does_not_close_it() {
    let breaker = breaker();
    let answered = Notify::new();
    let slow = breaker.call(told(&answered));
    let (result, ()) = tokio::join!(slow, async {
        for _ in 0..IN_A_ROW_MAX {
            fail(&breaker).await;
        }
        back_off_passed().await;
        let probe = breaker.call(pending::<Result<(), ()>>());
        assert!(tokio::time::timeout(Duration::from_millis(5), probe).await.is_err());
        assert_eq!(breaker.state(), State::HalfOpen);
        answered.notify_waiters();
    });
    assert_eq!(result, Ok(()));
    assert_eq!(breaker.state(), State::HalfOpen);
}

#[tokio::test]
async fn the_bulkhead_refuses_one_more() {
    let breaker = Breaker::new("test", Settings { in_flight_max: 2, ..Settings::default() });
    let answered = Notify::new();
    let call = || breaker.call(told(&answered));
    let (first, second, third, ()) = tokio::join!(call(), call(), call(), async {
        assert!(breaker.refuses());
        answered.notify_waiters();
    });
    assert!(!breaker.refuses());
    assert_eq!((first, second, third), (Ok(()), Ok(()), Err(Rejected::Full)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_open_lets_one_of_fifty_through_across_threads() {
    let (breaker, answered) = (Arc::new(opened().await), Arc::new(Notify::new()));
    back_off_passed().await;
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let (breaker, answered) = (Arc::clone(&breaker), Arc::clone(&answered));
        calls.spawn(async move { breaker.call(told(&answered)).await });
    }
    for _ in 0..49 {
        let refused = calls.join_next().await.unwrap().unwrap();
        assert!(matches!(refused, Err(Rejected::Open { .. })), "{refused:?}");
    }
    answered.notify_one();
    assert_eq!(calls.join_next().await.unwrap().unwrap(), Ok(()));
    assert_eq!(breaker.state(), State::Closed);
}
