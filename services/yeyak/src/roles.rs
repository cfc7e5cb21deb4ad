//! The services that this binary can be.

use anyhow::{Context, bail};
use choreography::{Ground, Group, Migration};
use runtime::config::Env;
use runtime::doors::Doors;
use runtime::shutdown::Tasks;
use tokio_util::sync::CancellationToken;

/// A service: its schema and how it starts.
#[derive(Clone, Copy)]
pub struct Service {
    pub name: &'static str,
    pub migrations: &'static [Migration],
    /// How it hears the others.
    pub group: Group,
    /// Reads what the service is told, so that all that is wrong with it is known before anything starts.
    pub check: fn(&Env),
    pub start: fn(Ground, &Env, &mut Tasks, &CancellationToken) -> Doors,
}

/// A service by the name of its crate; all have the same shape.
macro_rules! service {
    ($name:ident) => {
        Service {
            name: $name::NAME,
            migrations: $name::MIGRATIONS,
            group: Group { name: $name::NAME, topics: $name::TOPICS },
            check: |env| drop($name::Config::read(env)),
            start: |ground, env, tasks, stop| $name::start(ground, $name::Config::read(env), tasks, stop),
        }
    };
}

/// Every service, in the order of a booking's way.
pub const SERVICES: &[Service] = &[
    service!(catalog),
    service!(reservation),
    service!(payment),
    service!(waitlist),
    service!(seating),
    service!(notification),
    service!(review),
    service!(dashboard),
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
