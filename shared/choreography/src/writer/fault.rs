//! Why a batch failed, and so what to do: halve it, run it again, or wait for the database.

use rand::RngExt;
use sea_orm::sqlx::error::DatabaseError;
use sea_orm::sqlx::mysql::MySqlDatabaseError;
use sea_orm::sqlx::sqlite::SqliteError;
use sea_orm::{DbErr, RuntimeErr};
use std::time::Duration;
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
    /// The database is out of reach or cannot write, or the answer to a commit was lost.
    #[error("unreachable: {0}")]
    Unreachable(String),
    /// An answer of the database that does not tell whose fault it is. What passes is not the data's; what stays must
    /// not hold up everything else for ever, so that it is taken for the data's in the end.
    #[error("unclear: {0}")]
    Unclear(String),
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

/// The pause before a batch that failed `tries` times is tried again: 50 ms to 1 s, jittered.
pub fn back_off(tries: u32) -> Duration {
    let ceiling_ms = 50_u64.saturating_mul(1 << tries.min(5)).min(1_000);
    Duration::from_millis(rand::rng().random_range(ceiling_ms / 2..=ceiling_ms))
}

fn of_driver(cause: &sea_orm::SqlxError, text: String) -> Fault {
    use sea_orm::SqlxError as Driver;
    match cause {
        Driver::Database(answer) => of_answer(&**answer, text),
        Driver::Io(_)
        | Driver::Tls(_)
        | Driver::Protocol(_)
        | Driver::PoolTimedOut
        | Driver::PoolClosed
        | Driver::BeginFailed
        | Driver::WorkerCrashed => Fault::Unreachable(text),
        _ => Fault::Data(text),
    }
}

fn of_answer(answer: &dyn DatabaseError, text: String) -> Fault {
    let code = answer.code().unwrap_or_default();
    if let Some(answer) = answer.try_downcast_ref::<MySqlDatabaseError>() {
        of_number(answer.number(), &code, text)
    } else if answer.try_downcast_ref::<SqliteError>().is_some() {
        of_result(code.parse().unwrap_or_default(), text)
    } else {
        of_state(&code, text)
    }
}

/// Postgres' SQLSTATE, whose first two characters are a class.
fn of_state(state: &str, text: String) -> Fault {
    match (state.get(..2).unwrap_or_default(), state) {
        // Serialization failure, deadlock, lock not available.
        (_, "40001" | "40P01" | "55P03") => Fault::Contention(text),
        // Connection, resources, operator intervention (shutdown), system, a login that is refused.
        ("08" | "53" | "57" | "58" | "28", _) => Fault::Unreachable(text),
        // Read only, as a server that was demoted; a transaction that stood still or took too long, which the server
        // ended with its connection; no such database; no right to it.
        (_, "25006" | "25P03" | "25P04" | "3D000" | "42501") => Fault::Unreachable(text),
        // A row for itself in one statement, a value, a constraint, a limit, a trigger's own word.
        ("21" | "22" | "23" | "54", _) | (_, "P0001") => Fault::Data(text),
        _ => Fault::Unclear(text),
    }
}

/// SQLite's result code; the driver gives the extended one, which holds the code itself in its last eight bits.
fn of_result(extended: u32, text: String) -> Fault {
    match extended & 0xff {
        // Busy, locked.
        5 | 6 => Fault::Contention(text),
        // No memory, read only, disk, full, cannot open, lock protocol.
        7 | 8 | 10 | 13 | 14 | 15 => Fault::Unreachable(text),
        // Too big, constraint, mismatch, range.
        18 | 19 | 20 | 25 => Fault::Data(text),
        _ => Fault::Unclear(text),
    }
}

/// MariaDB's own numbers; its SQLSTATE tells a lock that was waited for too long from a full disk no better than both
/// from a wrong word, but values and constraints it tells.
fn of_number(number: u16, state: &str, text: String) -> Fault {
    match number {
        // Lock wait timeout, deadlock, record changed since it was read.
        1205 | 1213 | 1020 => Fault::Contention(text),
        // Too many connections (of all, of a user); no memory; shutdown; disk full, table full, not written; read only
        // (by option, by mode, by transaction); killed, interrupted, lost or timed out.
        1040
        | 1203
        | 1037
        | 1038
        | 1053
        | 1021
        | 1114
        | 1026
        | 1030
        | 1290
        | 1836
        | 1792
        | 1927
        | 1317
        | 1158..=1161
        | 1184
        | 1969 => Fault::Unreachable(text),
        // Larger than a packet or a row may be; a value that does not fit its column.
        1153 | 1118 | 1265 | 1366 => Fault::Data(text),
        _ if ["21", "22", "23"].iter().any(|class| state.starts_with(class)) => Fault::Data(text),
        _ => Fault::Unclear(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq)]
    enum Kind {
        Data,
        Contention,
        Unreachable,
        Unclear,
    }

    fn kind(fault: Fault) -> Kind {
        match fault {
            Fault::Data(_) => Kind::Data,
            Fault::Contention(_) => Kind::Contention,
            Fault::Unreachable(_) => Kind::Unreachable,
            Fault::Unclear(_) => Kind::Unclear,
        }
    }

    #[test]
    fn an_engines_own_faults_are_not_the_datas() {
        let state = |state: &str| kind(of_state(state, String::new()));
        for (codes, wanted) in [
            (&["23505", "23514", "22001", "22P02", "21000", "54000", "P0001"][..], Kind::Data),
            (&["40001", "40P01", "55P03"], Kind::Contention),
            (&["08006", "53100", "57P01", "57014", "58030", "28P01"], Kind::Unreachable),
            (&["25006", "25P03", "25P04", "3D000", "42501"], Kind::Unreachable),
            (&["42P01", "42601", "0A000", "XX000", ""], Kind::Unclear),
        ] {
            assert!(codes.iter().all(|code| state(code) == wanted), "{codes:?} {wanted:?}");
        }
        let result = |extended: u32| kind(of_result(extended, String::new()));
        for (codes, wanted) in [
            // Unique, primary key, check.
            (&[19, 2_067, 1_555, 275][..], Kind::Data),
            // Busy: recovery, snapshot, timeout; locked: shared cache.
            (&[5, 261, 517, 773, 6, 262], Kind::Contention),
            // Disk: read, short read, write, sync; read only: directory; full; cannot open: is a directory.
            (&[10, 266, 522, 778, 1_034, 8, 1_544, 13, 14, 526, 7, 15], Kind::Unreachable),
            (&[1, 11, 17, 26, 0], Kind::Unclear),
        ] {
            assert!(codes.iter().all(|code| result(*code) == wanted), "{codes:?} {wanted:?}");
        }
        let number = |number: u16, state: &str| kind(of_number(number, state, String::new()));
        for (codes, wanted) in [
            (
                &[(1_062, "23000"), (4_025, "23000"), (1_406, "22001"), (1_366, "HY000"), (1_153, "08S01")][..],
                Kind::Data,
            ),
            (&[(1_205, "HY000"), (1_213, "40001"), (1_020, "HY000")], Kind::Contention),
            (&[(1_290, "HY000"), (1_792, "25006"), (1_021, "HY000"), (1_317, "70100")], Kind::Unreachable),
            (&[(1_146, "42S02"), (1_064, "42000")], Kind::Unclear),
        ] {
            assert!(codes.iter().all(|(code, state)| number(*code, state) == wanted), "{codes:?} {wanted:?}");
        }
    }
}
