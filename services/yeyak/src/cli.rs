//! Arguments.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Yeyak takes bookings for anyone who sells time or places.
///
/// Without a role, every service runs in this process with its own SQLite file and a nats-server that is found or
/// fetched.
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    #[command(flatten)]
    pub embedded: Embedded,
    #[command(subcommand)]
    pub role: Option<Role>,
}

/// The embedded platform.
#[derive(Clone, Debug, Args)]
pub struct Embedded {
    /// Port of the one entry on 127.0.0.1; the admin port is the next, the internal one the next but one (0: any).
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Where databases and the broker's store lie.
    #[arg(long, default_value = ".yeyak")]
    pub data: PathBuf,
    /// Plays a busy day in five businesses once everything runs, and tells it.
    #[arg(long)]
    pub demo: bool,
    /// A Postgres or MariaDB server for all services, a database each, instead of SQLite files.
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Role {
    /// Runs the named services only, configured by the environment (see the README).
    Serve {
        #[arg(required = true)]
        services: Vec<String>,
    },
    /// Brings the named services' databases to this program's schema.
    Migrate {
        #[arg(required = true)]
        services: Vec<String>,
    },
    /// Writes the present state of everything the service owns to its outbox; a running replica of it publishes it.
    ///
    /// For a new service, or one whose views were lost, when the stream no longer holds their beginning.
    Announce {
        service: String,
        /// Where an earlier run stopped, as it said.
        #[arg(long, value_name = "STATE/ID")]
        after: Option<choreography::Place>,
    },
    /// Makes the broker's stream and the consumer groups of the named services, or of all, where they are missing.
    Provision { services: Vec<String> },
    /// Books at a running platform as a guest does, from the offering to the refund; the exit code tells.
    Rehearse(Rehearsal),
    /// Asks a running process whether it is ready; the exit code tells.
    Selfcheck {
        /// Its admin port; on this machine and at `ADMIN_PORT` (8081) unless told.
        #[arg(long)]
        url: Option<String>,
    },
}

/// A booking that is placed and cancelled, to see whether all of it works.
#[derive(Clone, Debug, Args)]
pub struct Rehearsal {
    /// The platform's entry, or reservation's own.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// Catalog's own entry, where the first one does not lead there.
    #[arg(long, value_name = "URL")]
    pub catalog_url: Option<String>,
    /// Payment's own entry, where the first one does not lead there.
    #[arg(long, value_name = "URL")]
    pub payment_url: Option<String>,
    /// Whose offering it is.
    #[arg(long, default_value = "rehearsal")]
    pub business: String,
    /// Who books; with a token, the guest that it is for.
    #[arg(long, default_value = "rehearsal")]
    pub guest: String,
    /// A bearer's token that may do all this, such as an operator's.
    #[arg(long, env = "YEYAK_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// A file that holds it.
    #[arg(long, env = "YEYAK_TOKEN_FILE", conflicts_with = "token", value_name = "PATH")]
    pub token_file: Option<PathBuf>,
    /// It fails if it is not over by then.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub seconds_max: u64,
}
