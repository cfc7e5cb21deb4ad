//! `GET /dashboard/offerings`: every offering with what is booked of it, on one screen.

use super::{Desk, dated, named, paging};
use crate::store::{OfferingRow, Page, Queue, Rated, Total, View};
use axum::Json;
use axum::extract::State;
use runtime::auth::Caller;
use runtime::http::Query;
use runtime::problem::Problem;
use sea_orm::DbErr;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Statuses of reservations that own their units.
const LIVE: [&str; 3] = ["held", "confirmed", "checked_in"];
/// The kind whose units are one lot, so that all that is booked of it is taken of the same units.
const ONE_LOT: &str = "seats";
/// The kind that has a line.
const LINE: &str = "line";

/// The query; what is there but empty counts as absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    business: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// A page of offerings, and what there is of each.
struct Found {
    page: Page<OfferingRow, Uuid>,
    totals: Vec<Total<Uuid>>,
    queues: Vec<Queue>,
    ratings: Vec<Rated>,
}

pub async fn get(State(desk): State<Desk>, caller: Caller, Query(asked): Query<Asked>) -> Result<Json<Value>, Problem> {
    let named_one = asked.business.filter(|text| !text.is_empty());
    let business = named_one.map(|text| named("invalid-business", text)).transpose()?;
    match &business {
        Some(business) => caller.host(business.as_str())?,
        None => caller.operator()?,
    }
    let (after, limit) = (paging::after(asked.cursor, paging::id)?, paging::limit(asked.limit)?);
    let standing = desk.standing();
    let business = business.as_ref().map(|label| label.as_str());
    let found = find(&desk, business, after, limit).await.map_err(|fault| Problem::unanswered(&fault))?;
    let offerings: Vec<Value> = found.page.rows.iter().map(|row| view(row, &found)).collect();
    let next = found.page.next.map(|id| id.simple().to_string());
    Ok(dated(json!({ "offerings": offerings, "next_cursor": next }), standing))
}

async fn find(desk: &Desk, business: Option<&str>, after: Option<Uuid>, limit: usize) -> Result<Found, DbErr> {
    let view = View::open(desk.engine.store()).await?;
    let page = view.offerings(business, after, limit).await?;
    let ids: Vec<Uuid> = page.rows.iter().map(|row| row.offering_id).collect();
    let totals = view.of_offerings(ids.clone()).await?;
    let queues = view.queues(ids.clone()).await?;
    let ratings = view.rated(ids).await?;
    view.close().await?;
    Ok(Found { page, totals, queues, ratings })
}

fn view(row: &OfferingRow, found: &Found) -> Value {
    let (blocks, guests): (Vec<_>, Vec<_>) =
        found.totals.iter().filter(|total| total.of == row.offering_id).partition(|total| total.is_block);
    let counts: BTreeMap<&str, i64> = guests.iter().map(|total| (total.status.as_str(), total.reservations)).collect();
    let booked = taken(&guests);
    let blocked = taken(&blocks);
    // Where units are counted by night or slot, the sum over all of them says nothing about any.
    let overhang = (row.kind == ONE_LOT).then(|| (booked + blocked - row.units).max(0));
    let money = |of: fn(&Total<Uuid>) -> i64| guests.iter().map(|total| of(total)).fold(0, i64::saturating_add);
    let queue = found.queues.iter().find(|queue| queue.offering_id == row.offering_id);
    let rated = found.ratings.iter().find(|rated| rated.offering_id == row.offering_id);
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
        "blocked": blocked,
        "overhang": overhang,
        "captured": money(|total| total.captured),
        "refunded": money(|total| total.refunded),
        "waiting": (row.kind == LINE).then(|| queue.map_or(0, |queue| queue.parties)),
        "review_count": rated.map_or(0, |rated| rated.reviews),
        "rating_average": rated.map(average),
    })
}

/// Units that live reservations own.
fn taken(totals: &[&Total<Uuid>]) -> i64 {
    let live = totals.iter().filter(|total| LIVE.contains(&total.status.as_str()));
    live.map(|total| total.quantity).sum()
}

/// To two decimals.
#[expect(clippy::cast_precision_loss, reason = "nobody posts 2^53 reviews")]
fn average(Rated { reviews, ratings, .. }: &Rated) -> f64 {
    (*ratings as f64 / *reviews as f64 * 100.0).round() / 100.0
}
