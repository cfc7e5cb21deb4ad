//! Rows to payments and back; a value that does not read names its column.

use super::entity::payment::Model;
use jiff::Timestamp;
use kernel::{Label, Money};
use payment_domain::{Charge, Claim, Owner, Payment, Standing, State, Terms};
use sea_orm::DbErr;

fn corrupt(column: &'static str) -> DbErr {
    DbErr::Type(format!("the column {column} does not read"))
}

fn there<T>(column: &'static str, value: Option<T>) -> Result<T, DbErr> {
    value.ok_or_else(|| corrupt(column))
}

fn instant(column: &'static str, us: Option<i64>) -> Result<Timestamp, DbErr> {
    Timestamp::from_microsecond(there(column, us)?).map_err(|_| corrupt(column))
}

fn count(column: &'static str, value: i64) -> Result<u32, DbErr> {
    u32::try_from(value).map_err(|_| corrupt(column))
}

fn claim(row: &Model) -> Result<Option<Claim>, DbErr> {
    let Some(version) = row.claim_version else { return Ok(None) };
    let standing = match row.standing.as_deref() {
        Some("held") => Standing::Held,
        Some("stands") => Standing::Stands,
        Some("undecided") => Standing::Undecided,
        Some("ended") => Standing::Ended { keep: there("keep", row.keep)? },
        _ => return Err(corrupt("standing")),
    };
    Ok(Some(Claim { version, standing }))
}

fn owner(row: &Model) -> Result<Option<Owner>, DbErr> {
    let (Some(guest), Some(business)) = (row.guest_id.clone(), row.business.clone()) else { return Ok(None) };
    Ok(Some(Owner {
        guest: Label::try_from(guest).map_err(|_| corrupt("guest_id"))?,
        business: Label::try_from(business).map_err(|_| corrupt("business"))?,
    }))
}

fn charge(row: &Model) -> Result<Charge, DbErr> {
    Ok(Charge { amount: there("captured", row.captured)?, at: instant("captured_us", row.captured_us)? })
}

fn state(row: &Model) -> Result<State, DbErr> {
    match row.status.as_str() {
        "unasked" => Ok(State::Unasked { due_at: row.due_us.map(|us| instant("due_us", Some(us))).transpose()? }),
        "requested" => Ok(State::Requested {
            asked_at: instant("requested_us", row.requested_us)?,
            attempts: count("attempts", row.attempts)?,
            due_at: instant("due_us", row.due_us)?,
        }),
        "captured" => Ok(State::Captured { charge: charge(row)? }),
        "declined" => Ok(State::Declined { reason: there("reason", row.reason.clone())? }),
        "voided" => Ok(State::Voided),
        "refunding" => Ok(State::Refunding {
            charge: charge(row)?,
            refunded: there("refunded", row.refunded)?,
            goal: there("refund_goal", row.refund_goal)?,
            attempts: count("attempts", row.attempts)?,
            refusals: count("refusals", row.refusals)?,
            due_at: instant("due_us", row.due_us)?,
        }),
        "refunded" => Ok(State::Refunded { charge: charge(row)?, refunded: there("refunded", row.refunded)? }),
        _ => Err(corrupt("status")),
    }
}

impl TryFrom<Model> for Payment {
    type Error = DbErr;
    fn try_from(row: Model) -> Result<Self, DbErr> {
        let currency = row.currency.parse().map_err(|_| corrupt("currency"))?;
        let (claim, owner, state) = (claim(&row)?, owner(&row)?, state(&row)?);
        Ok(Self {
            reservation: row.reservation_id.into(),
            version: row.version,
            claim,
            owner,
            terms: Terms {
                total: Money::new(row.total_amount, currency).map_err(|_| corrupt("total_amount"))?,
                method: Label::try_from(row.method).map_err(|_| corrupt("method"))?,
            },
            state,
        })
    }
}

/// The columns of a state.
#[derive(Default)]
struct StateColumns {
    requested: Option<Timestamp>,
    due: Option<Timestamp>,
    attempts: u32,
    charge: Option<Charge>,
    refunded: Option<i64>,
    goal: Option<i64>,
    refusals: u32,
    reason: Option<String>,
}

impl From<&State> for StateColumns {
    fn from(state: &State) -> Self {
        let none = Self::default();
        match state {
            State::Unasked { due_at } => Self { due: *due_at, ..none },
            State::Requested { asked_at, attempts, due_at } => {
                Self { requested: Some(*asked_at), due: Some(*due_at), attempts: *attempts, ..none }
            }
            State::Captured { charge } => Self { charge: Some(*charge), ..none },
            State::Declined { reason } => Self { reason: Some(reason.clone()), ..none },
            State::Voided => none,
            State::Refunding { charge, refunded, goal, attempts, refusals, due_at } => Self {
                due: Some(*due_at),
                attempts: *attempts,
                charge: Some(*charge),
                refunded: Some(*refunded),
                goal: Some(*goal),
                refusals: *refusals,
                ..none
            },
            State::Refunded { charge, refunded } => Self { charge: Some(*charge), refunded: Some(*refunded), ..none },
        }
    }
}

impl From<&Payment> for Model {
    fn from(payment: &Payment) -> Self {
        let Payment { reservation, version, claim, owner, terms, state } = payment;
        let columns = StateColumns::from(state);
        let (standing, keep) = match claim.map(|claim| claim.standing) {
            None => (None, None),
            Some(Standing::Held) => (Some("held"), None),
            Some(Standing::Stands) => (Some("stands"), None),
            Some(Standing::Undecided) => (Some("undecided"), None),
            Some(Standing::Ended { keep }) => (Some("ended"), Some(keep)),
        };
        Self {
            reservation_id: reservation.0,
            version: *version,
            claim_version: claim.map(|claim| claim.version),
            standing: standing.map(ToOwned::to_owned),
            keep,
            total_amount: terms.total.amount(),
            currency: terms.total.currency().to_string(),
            method: terms.method.as_str().to_owned(),
            status: payment.status().to_owned(),
            requested_us: columns.requested.map(|at| at.as_microsecond()),
            due_us: columns.due.map(|at| at.as_microsecond()),
            attempts: columns.attempts.into(),
            captured: columns.charge.map(|charge| charge.amount),
            captured_us: columns.charge.map(|charge| charge.at.as_microsecond()),
            refunded: columns.refunded,
            refund_goal: columns.goal,
            refusals: columns.refusals.into(),
            reason: columns.reason,
            guest_id: owner.as_ref().map(|owner| owner.guest.to_string()),
            business: owner.as_ref().map(|owner| owner.business.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ReservationId;
    use uuid::Uuid;

    #[test]
    fn every_state_and_claim_survives_its_row() {
        let at = Timestamp::from_microsecond(1_800_000_000_123_456).unwrap();
        let charge = Charge { amount: 900, at };
        let label = |text: &str| Label::try_from(text.to_owned()).unwrap();
        let owner = Owner { guest: label("ana"), business: label("seaside") };
        let states = [
            State::Unasked { due_at: None },
            State::Unasked { due_at: Some(at) },
            State::Requested { asked_at: at, attempts: 3, due_at: at },
            State::Captured { charge },
            State::Declined { reason: "no-money".into() },
            State::Voided,
            State::Refunding { charge, refunded: 100, goal: 900, attempts: 2, refusals: 1, due_at: at },
            State::Refunded { charge, refunded: 900 },
        ];
        let standings = [Standing::Held, Standing::Stands, Standing::Undecided, Standing::Ended { keep: 7 }];
        let claims = standings.map(|standing| Some(Claim { version: 2, standing })).into_iter().chain([None]);
        for (claim, state) in claims.flat_map(|claim| states.iter().map(move |state| (claim, state))) {
            let terms = Terms {
                total: Money::new(900, "KRW".parse().unwrap()).unwrap(),
                method: String::from("card-ok").try_into().unwrap(),
            };
            let payment = Payment {
                reservation: ReservationId(Uuid::from_u128(1)),
                version: 4,
                claim,
                owner: claim.map(|_| owner.clone()),
                terms,
                state: state.clone(),
            };
            assert_eq!(Payment::try_from(Model::from(&payment)).unwrap(), payment);
        }
    }
}
