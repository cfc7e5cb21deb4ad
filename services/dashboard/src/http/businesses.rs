//! `GET /dashboard/businesses/{business}`: who booked what, when and for how much, the newest first, and the totals.

use super::{Desk, dated, days, named, paging, reservation, spreadsheet};
use crate::store::{Page, Place, ReservationRow, Total, View, Wanted, Whose};
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use runtime::auth::Caller;
use runtime::http::{Path, Query};
use runtime::problem::Problem;
use sea_orm::DbErr;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most rows of a spreadsheet, and as many as it has unless the caller wants fewer.
const ROWS_MAX: usize = 10_000;
/// Every status of a reservation.
const STATUSES: [&str; 8] =
    ["held", "confirmed", "rejected", "expired", "cancelled", "checked_in", "completed", "no_show"];

/// The query; what is there but empty counts as absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// One or several, with commas between them.
    status: Option<String>,
    offering_id: Option<String>,
    from: Option<String>,
    to: Option<String>,
    arrives: Option<String>,
    departs: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

impl Asked {
    fn wanted<'a>(&'a self, business: &'a str) -> Result<Wanted<'a>, Problem> {
        let statuses = self.status.as_deref().unwrap_or_default().split(',').filter(|word| !word.is_empty());
        let statuses: Vec<&str> = statuses.collect();
        if let Some(unknown) = statuses.iter().find(|status| !STATUSES.contains(status)) {
            let known = STATUSES.join(", ");
            return Err(paging::impossible("invalid-status", format!("`{unknown}` is none of {known}")));
        }
        Ok(Wanted {
            whose: Whose::Business(business),
            statuses,
            offering: days::id("offering_id", self.offering_id.as_ref())?,
            days: days::span(days::date("from", self.from.as_ref())?, days::date("to", self.to.as_ref())?)?,
            arrives: days::date("arrives", self.arrives.as_ref())?,
            departs: days::date("departs", self.departs.as_ref())?,
        })
    }

    fn after(&self) -> Result<Option<Place>, Problem> {
        paging::after(self.cursor.clone(), paging::place)
    }
}

/// A page, and all of the business's reservations added up.
struct Found {
    page: Page<ReservationRow, Place>,
    totals: Vec<Total<Option<String>>>,
}

pub async fn get(
    State(desk): State<Desk>,
    caller: Caller,
    Path(business): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let business = named("invalid-business", business)?;
    caller.host(business.as_str())?;
    let (wanted, after, limit) = (asked.wanted(business.as_str())?, asked.after()?, paging::limit(asked.limit)?);
    let standing = desk.standing();
    let found = find(&desk, business.as_str(), &wanted, after, limit).await;
    let Found { page, totals } = found.map_err(|fault| Problem::unanswered(&fault))?;
    let body = json!({
        "business": business.as_str(),
        "reservations": page.rows.iter().map(reservation::view).collect::<Vec<_>>(),
        "totals": totals_of(&totals),
        "next_cursor": page.next.map(paging::written),
    });
    Ok(dated(body, standing))
}

async fn find(
    desk: &Desk,
    business: &str,
    wanted: &Wanted<'_>,
    after: Option<Place>,
    limit: usize,
) -> Result<Found, DbErr> {
    let view = View::open(desk.engine.store()).await?;
    let page = view.reservations(wanted, after, limit).await?;
    let totals = view.of_business(business).await?;
    view.close().await?;
    Ok(Found { page, totals })
}

/// The same list as a spreadsheet; where there is more, the `Link` header says where.
pub async fn spreadsheet(
    State(desk): State<Desk>,
    uri: Uri,
    caller: Caller,
    Path(business): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let business = named("invalid-business", business)?;
    caller.host(business.as_str())?;
    let (wanted, after) = (asked.wanted(business.as_str())?, asked.after()?);
    let limit = paging::limit_up_to(asked.limit, ROWS_MAX, ROWS_MAX)?;
    let page = list(&desk, &wanted, after, limit).await.map_err(|fault| Problem::unanswered(&fault))?;
    let next = page.next.map(|place| paging::beside(&uri, &paging::written(place)));
    let head: Vec<String> = reservation::COLUMNS.map(str::to_owned).to_vec();
    spreadsheet::answer("bookings.csv", &head, page.rows.iter().map(reservation::cells), next)
}

async fn list(
    desk: &Desk,
    wanted: &Wanted<'_>,
    after: Option<Place>,
    limit: usize,
) -> Result<Page<ReservationRow, Place>, DbErr> {
    let view = View::open(desk.engine.store()).await?;
    let page = view.reservations(wanted, after, limit).await?;
    view.close().await?;
    Ok(page)
}

/// How many bookings of guests there are of each status, and the money in each currency.
fn totals_of(totals: &[Total<Option<String>>]) -> Value {
    let mut counts = BTreeMap::<&str, i64>::new();
    let mut money = BTreeMap::<&str, (i64, i64)>::new();
    for total in totals.iter().filter(|total| !total.is_block) {
        *counts.entry(&total.status).or_default() += total.reservations;
        if let Some(currency) = &total.of {
            let (captured, refunded) = money.entry(currency).or_default();
            *captured = captured.saturating_add(total.captured);
            *refunded = refunded.saturating_add(total.refunded);
        }
    }
    let money: Vec<Value> = money
        .into_iter()
        .map(|(currency, (captured, refunded))| json!({ "currency": currency, "captured": captured, "refunded": refunded }))
        .collect();
    json!({ "reservations": counts, "money": money })
}
