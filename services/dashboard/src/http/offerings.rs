//! `GET /dashboard/offerings`: every offering with what is booked of it, on one screen.

use super::{Desk, dated, named, paging};
use crate::store::{OfferingRow, Page, Total, View};
use axum::Json;
use axum::extract::State;
use runtime::http::Query;
use runtime::problem::Problem;
use sea_orm::DbErr;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Statuses of reservations that own their units.
const LIVE: [&str; 3] = ["held", "confirmed", "checked_in"];
/// The kind whose units are one lot, so that all that is booked of it is taken of the same units.
const ONE_LOT: &str = "seats";

/// The query; what is there but empty counts as absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    business: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// A page of offerings, and their reservations added up.
struct Found {
    page: Page<OfferingRow, Uuid>,
    totals: Vec<Total<Uuid>>,
}

pub async fn get(State(desk): State<Desk>, Query(asked): Query<Asked>) -> Result<Json<Value>, Problem> {
    let named_one = asked.business.filter(|text| !text.is_empty());
    let business = named_one.map(|text| named("invalid-business", text)).transpose()?;
    let (after, limit) = (paging::after(asked.cursor, paging::id)?, paging::limit(asked.limit)?);
    let standing = desk.standing();
    let business = business.as_ref().map(|label| label.as_str());
    let Found { page, totals } =
        find(&desk, business, after, limit).await.map_err(|fault| Problem::unanswered(&fault))?;
    let mut of_each = HashMap::<Uuid, Vec<Total<Uuid>>>::new();
    for total in totals {
        of_each.entry(total.of).or_default().push(total);
    }
    let offerings: Vec<Value> = page
        .rows
        .iter()
        .map(|row| view(row, of_each.get(&row.offering_id).map(Vec::as_slice).unwrap_or_default()))
        .collect();
    let next = page.next.map(|id| id.simple().to_string());
    Ok(dated(json!({ "offerings": offerings, "next_cursor": next }), standing))
}

async fn find(desk: &Desk, business: Option<&str>, after: Option<Uuid>, limit: usize) -> Result<Found, DbErr> {
    let view = View::open(desk.engine.store()).await?;
    let page = view.offerings(business, after, limit).await?;
    let totals = view.of_offerings(page.rows.iter().map(|row| row.offering_id).collect()).await?;
    view.close().await?;
    Ok(Found { page, totals })
}

fn view(row: &OfferingRow, totals: &[Total<Uuid>]) -> Value {
    let counts: BTreeMap<&str, i64> = totals.iter().map(|total| (total.status.as_str(), total.reservations)).collect();
    let live = totals.iter().filter(|total| LIVE.contains(&total.status.as_str()));
    let booked: i64 = live.map(|total| total.quantity).sum();
    // Where units are counted by night or slot, the sum over all of them says nothing about any.
    let overhang = (row.kind == ONE_LOT).then(|| (booked - row.units).max(0));
    let money = |of: fn(&Total<Uuid>) -> i64| totals.iter().map(of).fold(0, i64::saturating_add);
    json!({
        "id": row.offering_id,
        "version": row.version,
        "name": row.name,
        "business": row.business,
        "kind": row.kind,
        "units": row.units,
        "price": { "amount": row.price, "currency": row.currency },
        "status": row.status,
        "reservations": counts,
        "booked": booked,
        "overhang": overhang,
        "captured": money(|total| total.captured),
        "refunded": money(|total| total.refunded),
    })
}
