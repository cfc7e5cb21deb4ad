//! Crashes and lost brokers in mid-load, and the truth afterwards.

use crate::fixture::embedded::Embedded;
use crate::fixture::load::{Load, Told, told};
use crate::fixture::run;
use testing::{Backend, Nats};

const KILLS: usize = 20;
/// Guests who come together.
const BURST: usize = 16;
/// A burst is broken within so many milliseconds of its begin.
const MOMENT_MS: u64 = 250;

/// `YEYAK_SEED` repeats a run; without it every run is another.
fn seed() -> u64 {
    let seed = std::env::var("YEYAK_SEED").map_or_else(|_| rand::random(), |text| text.parse().unwrap());
    println!("YEYAK_SEED={seed}");
    seed
}

#[test]
fn kill9_twenty_times_under_load() {
    run(async {
        let mut platform = Embedded::start(Backend::Sqlite, &[]).await;
        let mut load = Load::start(platform.client(), seed()).await;
        let mut known: Vec<Told> = Vec::new();
        for _ in 0..KILLS {
            let guests = load.burst(BURST);
            tokio::time::sleep(load.moment(MOMENT_MS)).await;
            platform.kill9();
            platform.restart().await;
            known.extend(told(guests).await);
        }
        platform.truth().of(load.offerings()).told(&known).holds().await;
    });
}

#[test]
fn broker_store_deleted_under_load() {
    run(async {
        let mut nats = Nats::start().await;
        let platform = Embedded::start(Backend::Sqlite, &[("NATS_URL", &nats.url())]).await;
        let mut load = Load::start(platform.client(), seed()).await;
        let mut known: Vec<Told> = Vec::new();
        for _ in 0..3 {
            let guests = load.burst(2 * BURST);
            tokio::time::sleep(load.moment(MOMENT_MS)).await;
            nats.kill();
            nats.wipe();
            nats.restart().await;
            known.extend(told(guests).await);
        }
        platform.truth().of(load.offerings()).told(&known).holds().await;
    });
}

#[test]
fn broker_store_restored_from_older_copy_under_load() {
    run(async {
        let mut nats = Nats::start().await;
        let platform = Embedded::start(Backend::Sqlite, &[("NATS_URL", &nats.url())]).await;
        let mut load = Load::start(platform.client(), seed()).await;
        let mut known = told(load.burst(2 * BURST)).await;
        nats.stop();
        let older = nats.save();
        nats.restart().await;
        known.extend(told(load.burst(2 * BURST)).await);
        let guests = load.burst(2 * BURST);
        tokio::time::sleep(load.moment(MOMENT_MS)).await;
        nats.kill();
        nats.restore(&older);
        nats.restart().await;
        known.extend(told(guests).await);
        known.extend(told(load.burst(BURST)).await);
        platform.truth().of(load.offerings()).told(&known).holds().await;
    });
}
