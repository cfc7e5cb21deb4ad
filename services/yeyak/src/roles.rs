//! The services that this binary can be.

use anyhow::{Context, bail};
use choreography::{Ground, Migration};
use runtime::config::Env;
use runtime::doors::Doors;
use runtime::shutdown::Tasks;
use tokio_util::sync::CancellationToken;

/// A service: its schema and how it starts.
#[derive(Clone, Copy)]
pub struct Service {
    pub name: &'static str,
    pub migrations: &'static [Migration],
    /// Reads what the service is told, so that all that is wrong with it is known before anything starts.
    pub check: fn(&Env),
    pub start: fn(Ground, &Env, &mut Tasks, &CancellationToken) -> Doors,
}

/// Every service, in the order of a booking's way.
pub const SERVICES: &[Service] = &[
    Service {
        name: "catalog",
        migrations: catalog::MIGRATIONS,
        check: |env| drop(catalog::Config::read(env)),
        start: |ground, env, tasks, stop| catalog::start(ground, catalog::Config::read(env), tasks, stop),
    },
    Service {
        name: "reservation",
        migrations: reservation::MIGRATIONS,
        check: |env| drop(reservation::Config::read(env)),
        start: |ground, env, tasks, stop| reservation::start(ground, reservation::Config::read(env), tasks, stop),
    },
    Service {
        name: "payment",
        migrations: payment::MIGRATIONS,
        check: |env| drop(payment::Config::read(env)),
        start: |ground, env, tasks, stop| payment::start(ground, payment::Config::read(env), tasks, stop),
    },
    Service {
        name: "waitlist",
        migrations: waitlist::MIGRATIONS,
        check: |env| drop(waitlist::Config::read(env)),
        start: |ground, env, tasks, stop| waitlist::start(ground, waitlist::Config::read(env), tasks, stop),
    },
    Service {
        name: "seating",
        migrations: seating::MIGRATIONS,
        check: |env| drop(seating::Config::read(env)),
        start: |ground, env, tasks, stop| seating::start(ground, seating::Config::read(env), tasks, stop),
    },
    Service {
        name: "notification",
        migrations: notification::MIGRATIONS,
        check: |env| drop(notification::Config::read(env)),
        start: |ground, env, tasks, stop| notification::start(ground, notification::Config::read(env), tasks, stop),
    },
    Service {
        name: "review",
        migrations: review::MIGRATIONS,
        check: |env| drop(review::Config::read(env)),
        start: |ground, env, tasks, stop| review::start(ground, review::Config::read(env), tasks, stop),
    },
    Service {
        name: "dashboard",
        migrations: dashboard::MIGRATIONS,
        check: |env| drop(dashboard::Config::read(env)),
        start: |ground, env, tasks, stop| dashboard::start(ground, dashboard::Config::read(env), tasks, stop),
    },
];

/// The services of these names.
pub fn named(names: &[String]) -> anyhow::Result<Vec<Service>> {
    let mut found = Vec::new();
    for name in names {
        let service = SERVICES.iter().find(|service| service.name == name).with_context(|| {
            let known: Vec<&str> = SERVICES.iter().map(|service| service.name).collect();
            format!("no service is called `{name}`; there are {}", known.join(", "))
        })?;
        if found.iter().any(|other: &Service| other.name == service.name) {
            bail!("`{name}` is named twice");
        }
        found.push(*service);
    }
    Ok(found)
}
