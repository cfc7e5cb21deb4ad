//! `GET /dashboard/businesses/{business}`: who booked what, when and for how much, the newest first, and the totals.

use super::paging::{self, Asked};
use super::{Desk, dated, named, reservation};
use crate::store::{Page, Place, ReservationRow, Total, View, Whose};
use axum::Json;
use axum::extract::State;
use runtime::http::{Path, Query};
use runtime::problem::Problem;
use sea_orm::DbErr;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A page, and all of the business's reservations added up.
struct Found {
    page: Page<ReservationRow, Place>,
    totals: Vec<Total<Option<String>>>,
}

pub async fn get(
    State(desk): State<Desk>,
    Path(business): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let business = named("invalid-business", business)?;
    let (after, limit) = asked.place()?;
    let standing = desk.standing();
    let Found { page, totals } =
        find(&desk, business.as_str(), after, limit).await.map_err(|fault| Problem::unanswered(&fault))?;
    let body = json!({
        "business": business.as_str(),
        "reservations": page.rows.iter().map(reservation::view).collect::<Vec<_>>(),
        "totals": totals_of(&totals),
        "next_cursor": page.next.map(paging::written),
    });
    Ok(dated(body, standing))
}

async fn find(desk: &Desk, business: &str, after: Option<Place>, limit: usize) -> Result<Found, DbErr> {
    let view = View::open(desk.engine.store()).await?;
    let page = view.reservations(Whose::Business(business), after, limit).await?;
    let totals = view.of_business(business).await?;
    view.close().await?;
    Ok(Found { page, totals })
}

/// How many there are of each status, and the money in each currency.
fn totals_of(totals: &[Total<Option<String>>]) -> Value {
    let mut counts = BTreeMap::<&str, i64>::new();
    let mut money = BTreeMap::<&str, (i64, i64)>::new();
    for total in totals {
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
