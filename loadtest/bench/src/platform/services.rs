//! The services, each a process of its own with a database of its own.

use super::process::{Order, Process, folder, free_port};
use super::servers::{Server, text, until_up};
use crate::http::{Address, Client};
use anyhow::Context;
use std::path::Path;

/// The platform around one Postgres and one broker.
#[derive(Debug)]
pub struct Services {
    pub processes: Vec<Process>,
    pub catalog: Address,
    pub reservation: Address,
    /// Where each service takes requests, by its name.
    pub doors: Vec<(String, String)>,
}

/// What the services are made of.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'p> {
    pub binary: &'p Path,
    pub names: &'p [String],
    pub root: &'p Path,
    pub logs: &'p Path,
    /// For all of them.
    pub environment: &'p [(String, String)],
}

struct Door {
    public: u16,
    admin: u16,
    internal: u16,
}

impl Services {
    /// Starts them, and waits until all are ready.
    pub async fn start(parts: Parts<'_>, postgres: &Server, nats: &Server) -> anyhow::Result<Self> {
        let mut doors = Vec::new();
        for name in parts.names {
            doors.push((name, Door { public: free_port()?, admin: free_port()?, internal: free_port()? }));
        }
        let door = |name: &str| {
            let found = doors.iter().find(|(other, _)| *other == name).map(|(_, door)| door);
            found.with_context(|| format!("the load needs the service `{name}`"))
        };
        let address = |port: u16| format!("http://127.0.0.1:{port}");
        let payment = address(door("payment")?.internal);
        let seating = door("seating").ok().map(|door| address(door.internal));
        let mut processes = Vec::new();
        for (name, door) in &doors {
            let dir = folder(parts.root, name)?;
            let mut environment = vec![
                ("DATABASE_URL".to_owned(), format!("{}/yeyak_{name}", postgres.url)),
                ("NATS_URL".to_owned(), nats.url.clone()),
                ("PORT".to_owned(), door.public.to_string()),
                ("ADMIN_PORT".to_owned(), door.admin.to_string()),
                ("INTERNAL_PORT".to_owned(), door.internal.to_string()),
            ];
            match name.as_str() {
                "payment" => environment.push(("PROVIDER_LEDGER".into(), text(&dir.join("ledger.jsonl"))?)),
                "reservation" => environment.push(("PAYMENT_URL".into(), payment.clone())),
                "waitlist" => environment.extend(seating.clone().map(|url| ("SEATING_URL".into(), url))),
                _ => {}
            }
            environment.extend_from_slice(parts.environment);
            let command = vec![text(parts.binary)?, "serve".into(), name.to_string()];
            let order = Order { name: name.to_string(), dir, farewell: "KILL", command, environment, user: None };
            processes.push(Process::start(order, parts.logs)?);
        }
        for (process, (_, door)) in processes.iter().zip(&doors) {
            let admin: Address = address(door.admin).parse()?;
            until_up(process, async || {
                Client::new(&admin).get("/readyz").await.is_ok_and(|answer| answer.status == 200)
            })
            .await?;
        }
        let (catalog, reservation) = (address(door("catalog")?.public), address(door("reservation")?.public));
        let doors = doors.iter().map(|(name, door)| (name.to_string(), address(door.public))).collect();
        Ok(Self { processes, catalog: catalog.parse()?, reservation: reservation.parse()?, doors })
    }
}
