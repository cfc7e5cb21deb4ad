//! The embedded platform begins, ends, and begins again on what it left.

use crate::fixture::booking::{nights, offering, unique};
use crate::fixture::client::Client;
use crate::fixture::embedded::Embedded;
use crate::fixture::load::{Load, told};
use crate::fixture::run;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::path::Path;
use testing::{Backend, SOON, check, eventually};
use tokio::process::Command;

/// The process that wrote the ports file of the broker in `data`.
fn broker(data: &Path) -> Pid {
    let files = data.join("nats").read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let pids: Vec<i32> =
        files.filter_map(|name| name.strip_prefix("nats-server_")?.strip_suffix(".ports")?.parse().ok()).collect();
    assert_eq!(pids.len(), 1, "one broker");
    Pid::from_raw(pids[0]).unwrap()
}

/// Whether the process lives; one that has ended may still be there until somebody asks for its exit code.
fn runs(pid: Pid) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
    test_kill_process(pid).is_ok() && !status.rsplit(')').next().unwrap().trim().starts_with('Z')
}

async fn book(client: &Client, offering: &str, day: &str, next: &str) -> String {
    client.post("/reservations", &nights(offering, day, next)).await.expect(201).id()
}

#[test]
fn a_second_platform_on_the_same_directory_is_refused_with_a_sentence() {
    run(async {
        let mut platform = Embedded::start(Backend::Sqlite, &[]).await;
        let mut second = Command::new(env!("CARGO_BIN_EXE_yeyak"));
        second.args(["--port", "0", "--data"]).arg(platform.data()).kill_on_drop(true);
        let output = tokio::time::timeout(SOON, second.output()).await.unwrap().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        let shown = platform.data().display().to_string();
        for part in ["another platform runs on", &shown, "--data"] {
            assert!(said.contains(part), "{said}");
        }
        assert_eq!(said.lines().count(), 1, "{said}");
        // The first does not notice.
        let id = platform.client().publish(&offering("nights", 1)).await;
        book(platform.client(), &id, "2027-01-01", "2027-01-02").await;
        platform.stop();
    });
}

#[test]
fn ctrl_c_exits_0_and_a_second_start_finds_everything() {
    run(async {
        let mut platform = Embedded::start(Backend::Sqlite, &[]).await;
        let client = platform.client().clone();
        let id = client.publish(&offering("nights", 2)).await;
        let (wish, key) = (nights(&id, "2027-01-01", "2027-01-02"), unique("key"));
        let booked = client.post_with_key("/reservations", &wish, &key).await.expect(201);
        let broker = broker(platform.data());
        platform.end("INT");
        assert!(!runs(broker), "the broker ended with the platform");
        platform.restart().await;
        assert_eq!(client.post_with_key("/reservations", &wish, &key).await.expect(201).body, booked.body);
        let second = book(&client, &id, "2027-01-01", "2027-01-02").await;
        assert_eq!(client.free(&id, "2027-01-01", "2027-01-02").await, [0]);
        platform.truth().knowing([booked.id(), second]).holds().await;
        platform.end("TERM");
    });
}

#[test]
fn ctrl_c_under_load_loses_nothing() {
    run(async {
        let mut platform = Embedded::start(Backend::Sqlite, &[]).await;
        let mut load = Load::start(platform.client(), 7).await;
        let guests = load.burst(40);
        tokio::time::sleep(load.moment(150)).await;
        platform.end("INT");
        platform.restart().await;
        let told = told(guests).await;
        platform.truth().of(load.offerings()).told(&told).holds().await;
    });
}

#[test]
fn a_broker_left_behind_by_a_kill_is_used_again() {
    run(async {
        let mut platform = Embedded::start(Backend::Sqlite, &[]).await;
        let client = platform.client().clone();
        let id = client.publish(&offering("nights", 2)).await;
        let first = book(&client, &id, "2027-01-01", "2027-01-02").await;
        let (left, url) = (broker(platform.data()), platform.announced().unwrap()["nats"].clone());
        platform.kill9();
        assert!(runs(left));
        platform.restart().await;
        assert_eq!((broker(platform.data()), &platform.announced().unwrap()["nats"]), (left, &url));
        let second = book(&client, &id, "2027-01-01", "2027-01-02").await;
        platform.truth().knowing([first, second]).holds().await;
        platform.stop();
        assert!(!runs(left), "it ends with the platform that found it");
    });
}

#[test]
fn a_broker_left_behind_that_hangs_is_ended() {
    run(async {
        let mut platform = Embedded::start(Backend::Sqlite, &[]).await;
        let client = platform.client().clone();
        let id = client.publish(&offering("nights", 1)).await;
        let booked = book(&client, &id, "2027-01-01", "2027-01-02").await;
        let left = broker(platform.data());
        platform.kill9();
        kill_process(left, Signal::STOP).unwrap();
        platform.restart().await;
        assert_ne!(broker(platform.data()), left);
        // Reaped by nobody else than the system's first process, since its parent was killed.
        eventually("its end", SOON, async || check(runs(left), |runs| !runs)).await;
        platform.truth().knowing([booked]).holds().await;
    });
}

#[test]
fn all_services_on_one_postgres_survive_a_kill() {
    run(async {
        let mut platform = Embedded::start(Backend::Postgres, &[]).await;
        let mut load = Load::start(platform.client(), 11).await;
        let guests = load.burst(30);
        tokio::time::sleep(load.moment(200)).await;
        platform.kill9();
        platform.restart().await;
        let told = told(guests).await;
        platform.truth().of(load.offerings()).told(&told).holds().await;
        platform.stop();
    });
}
