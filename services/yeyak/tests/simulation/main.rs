//! The line and its floor, simulated by seed: every step is checked, and a failing seed prints its story.

#[cfg(test)]
mod agenda;
#[cfg(test)]
mod guests;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod network;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod seats;
#[cfg(test)]
mod sizes;
#[cfg(test)]
mod store;
#[cfg(test)]
mod story;
#[cfg(test)]
mod tickets;
#[cfg(test)]
mod world;

/// Parties that join in the long run, and in each short one.
#[cfg(test)]
const PARTIES: usize = 10_000;
#[cfg(test)]
const PARTIES_SHORT: usize = 400;

/// Names the long run's seed, to look at one story or to look for more.
#[cfg(test)]
const SEED: &str = "YEYAK_SEED";

#[test]
fn r09_some_seeds_keep_every_promise_of_the_line() {
    for seed in 2..=5 {
        world::World::new(seed, PARTIES_SHORT).run();
    }
}

#[test]
fn r09_ten_thousand_parties_whatever_is_lost_late_or_told_twice() {
    let seed = std::env::var(SEED).map_or(1, |seed| seed.parse().unwrap());
    let seen = world::World::new(seed, PARTIES).run();
    // A run that met none of these would prove nothing about them.
    for (what, least) in [
        ("answer lost", 1_000),
        ("barred", 50),
        ("called", 2_000),
        ("cancelled", 300),
        ("claim after the end", 3),
        ("claim superseded", 100),
        ("clock jump", 5),
        ("crash after the call", 500),
        ("crash before the call", 500),
        ("crash before the number", 50),
        ("deferred", 500),
        ("kept for", 300),
        ("new day", 8),
        ("no-show", 300),
        ("outage", 20),
        ("overhang", 1_000),
        ("passed over", 2_000),
        ("paused", 20),
        ("request late", 1_000),
        ("request lost", 1_000),
        ("seated at once", 1_000),
        ("told again", 1_000),
        ("turned away", 20),
        ("units changed", 50),
    ] {
        let times = seen.get(what).copied().unwrap_or_default();
        assert!(times >= least, "seed {seed} meets `{what}` only {times} times: {seen:?}");
    }
}
