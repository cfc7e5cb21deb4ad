//! One binary, many roles: the whole platform in one process, or the services that its arguments name.

mod announce;
mod cli;
mod demo;
mod embedded;
mod ground;
mod host;
mod provision;
mod rehearse;
mod rest;
mod roles;
mod selfcheck;
mod serve;

use clap::Parser;
use cli::{Cli, Role};
use std::process::ExitCode;

/// A batch makes thousands of small texts and forgets them together.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.role {
        None => embedded::run(cli.embedded).await,
        Some(Role::Serve { services }) => serve::run(&services).await,
        Some(Role::Migrate { services }) => serve::migrate(&services).await,
        Some(Role::Announce { service, after }) => announce::run(&service, after).await,
        Some(Role::Provision { services }) => provision::run(&services).await,
        Some(Role::Rehearse(options)) => rehearse::run(options).await,
        Some(Role::Selfcheck { url }) => selfcheck::run(url).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            let text = format!("yeyak: {fault:#}\n");
            // The last word goes to the person who started us; if even that fails, the code says it.
            if std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes()).is_err() {
                return ExitCode::from(2);
            }
            ExitCode::FAILURE
        }
    }
}
