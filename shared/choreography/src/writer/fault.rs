//! Why a batch failed, and so what to do: halve it, run it again, or wait for the database.

use sea_orm::sqlx::mysql::MySqlDatabaseError;
use sea_orm::{DbErr, RuntimeErr};
use thiserror::Error;

/// A failed attempt at a batch.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// One command's own data caused it (constraint, decode, panic).
    #[error("data: {0}")]
    Data(String),
    /// Another transaction was in the way; the same batch may pass at once.
    #[error("contention: {0}")]
    Contention(String),
    /// The database is out of reach, or the answer to a commit was lost.
    #[error("unreachable: {0}")]
    Unreachable(String),
}

impl From<DbErr> for Fault {
    fn from(fault: DbErr) -> Self {
        let text = fault.to_string();
        match &fault {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Self::Unreachable(text),
            // A service says so where a row that it did not find was there when it was to be inserted.
            DbErr::RecordNotInserted => Self::Contention(text),
            DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
                of_driver(cause, text)
            }
            _ => Self::Data(text),
        }
    }
}

fn of_driver(cause: &sea_orm::SqlxError, text: String) -> Fault {
    use sea_orm::SqlxError as Driver;
    match cause {
        Driver::Database(answer) => match answer.try_downcast_ref::<MySqlDatabaseError>() {
            Some(answer) => of_number(answer.number(), text),
            None => of_code(answer.code().as_deref().unwrap_or_default(), text),
        },
        Driver::Io(_)
        | Driver::Tls(_)
        | Driver::Protocol(_)
        | Driver::PoolTimedOut
        | Driver::PoolClosed
        | Driver::WorkerCrashed => Fault::Unreachable(text),
        _ => Fault::Data(text),
    }
}

/// Postgres gives SQLSTATE, SQLite its (extended) result code.
fn of_code(code: &str, text: String) -> Fault {
    match code {
        // Serialization failure, deadlock, lock not available; SQLITE_BUSY and its kin, SQLITE_LOCKED.
        "40001" | "40P01" | "55P03" | "5" | "261" | "517" | "773" | "6" => Fault::Contention(text),
        // Class 08 connection, 53 resources, 57 operator intervention (shutdown), 58 system; SQLITE_FULL, IOERR.
        _ if ["08", "53", "57", "58"].iter().any(|class| code.len() == 5 && code.starts_with(class)) => {
            Fault::Unreachable(text)
        }
        "10" | "13" | "14" => Fault::Unreachable(text),
        _ => Fault::Data(text),
    }
}

/// MariaDB's own numbers; its SQLSTATE tells a lock that was waited for too long from a full disk no better than both
/// from a wrong word.
fn of_number(number: u16, text: String) -> Fault {
    match number {
        // Lock wait timeout, deadlock, record changed since it was read.
        1205 | 1213 | 1020 => Fault::Contention(text),
        // Too many connections (of all, of a user); no memory; shutdown; disk full, table full; read only (by option, by
        // mode); killed, lost or timed out.
        1040 | 1203 | 1037 | 1038 | 1053 | 1021 | 1114 | 1290 | 1836 | 1927 | 1158..=1161 | 1184 | 1969 => {
            Fault::Unreachable(text)
        }
        _ => Fault::Data(text),
    }
}
