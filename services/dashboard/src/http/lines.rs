//! `GET /dashboard/lines/{offering_id}`: a store's board. The order of the line is by number, then by arrival.

use super::{Desk, dated, paging, ticket};
use crate::store::{Board, Counted, TICKETS_MAX, TicketRow, View};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::parse_bucket_date;
use runtime::auth::Caller;
use runtime::http::{Path, Query};
use runtime::problem::Problem;
use sea_orm::DbErr;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Every status of a ticket.
const STATUSES: [&str; 7] = ["joining", "waiting", "called", "seated", "left", "cancelled", "no_show"];

/// The query; what is there but empty counts as absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The service day that is counted; today's if absent.
    day: Option<String>,
}

pub async fn get(
    State(desk): State<Desk>,
    caller: Caller,
    Path(offering_id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    caller.staff()?;
    let day = asked.day.filter(|text| !text.is_empty()).map(readable).transpose()?;
    let standing = desk.standing();
    let board = find(&desk, offering_id, day).await.map_err(|fault| Problem::unanswered(&fault))?;
    let is_known = board.offering.as_ref().map_or(board.status.is_some() || !board.present.is_empty(), is_line);
    if !is_known {
        return Err(Problem::new(StatusCode::NOT_FOUND, "line-not-found", "no line of this offering is known"));
    }
    match business(&board) {
        Some(business) => caller.host(business)?,
        None => caller.operator()?,
    }
    Ok(dated(view(offering_id, &board), standing))
}

/// Whose line it is; the parties know it before the offering is heard of.
fn business(board: &Board) -> Option<&str> {
    let offering = board.offering.as_ref().map(|offering| offering.business.as_str());
    offering.or_else(|| board.present.iter().find_map(|ticket| ticket.business.as_deref()))
}

fn is_line(offering: &crate::store::OfferingRow) -> bool {
    offering.kind == "line"
}

fn readable(text: String) -> Result<String, Problem> {
    let broken = || paging::unreadable("`day` is a date such as 2026-12-24".into());
    parse_bucket_date(&text).map(|day| day.to_string()).ok_or_else(broken)
}

async fn find(desk: &Desk, offering_id: Uuid, day: Option<String>) -> Result<Board, DbErr> {
    let view = View::open(desk.engine.store()).await?;
    let board = view.board(offering_id, day).await?;
    view.close().await?;
    Ok(board)
}

fn view(offering_id: Uuid, board: &Board) -> Value {
    let Board { offering, status, taken, service_day, present, day } = board;
    let of = |wanted: &[&str]| {
        let is_wanted = |row: &&TicketRow| row.status.as_deref().is_some_and(|status| wanted.contains(&status));
        present.iter().filter(is_wanted).map(ticket::view).collect::<Vec<Value>>()
    };
    let units = offering.as_ref().map(|offering| offering.units);
    json!({
        "offering_id": offering_id,
        "name": offering.as_ref().map(|offering| &offering.name),
        "business": offering.as_ref().map(|offering| &offering.business),
        "offering_status": offering.as_ref().map(|offering| &offering.status),
        // A line that never said otherwise is open.
        "status": status.as_deref().unwrap_or("open"),
        "seats": { "units": units, "taken": taken, "free": units.map(|units| (units - taken).max(0)) },
        "waiting": of(&["joining", "waiting"]),
        "called": of(&["called"]),
        "seated": of(&["seated"]),
        "day": { "service_day": service_day, "parties": counted(day) },
        "more": present.len() == TICKETS_MAX,
    })
}

fn counted(day: &[Counted]) -> Value {
    let of = |status: &str| {
        let counted = day.iter().find(|counted| counted.status == status);
        let (parties, people) = counted.map_or((0, 0), |counted| (counted.parties, counted.people.unwrap_or_default()));
        (status.to_owned(), json!({ "parties": parties, "people": people }))
    };
    Value::Object(Map::from_iter(STATUSES.map(of)))
}
