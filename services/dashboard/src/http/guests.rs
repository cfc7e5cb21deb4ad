//! `GET /dashboard/guests/{guest_id}`: a guest's reservations, tickets and reviews, each the newest first.

use super::{Desk, dated, named, paging, reservation, ticket};
use crate::store::{Page, Place, ReservationRow, ReviewRow, TicketRow, View, Wanted, Whose};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use runtime::auth::Caller;
use runtime::http::{Path, Query};
use runtime::problem::Problem;
use sea_orm::DbErr;
use serde::Deserialize;
use serde_json::{Value, json};

/// The query; each list has its own place, and what is there but empty counts as absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    cursor: Option<String>,
    tickets_cursor: Option<String>,
    reviews_cursor: Option<String>,
    limit: Option<i64>,
}

/// Where the pages begin, and their bound.
struct Places {
    reservations: Option<Place>,
    tickets: Option<Place>,
    reviews: Option<Place>,
    limit: usize,
}

impl TryFrom<Asked> for Places {
    type Error = Problem;
    fn try_from(asked: Asked) -> Result<Self, Problem> {
        Ok(Self {
            reservations: paging::after(asked.cursor, paging::place)?,
            tickets: paging::after(asked.tickets_cursor, paging::place)?,
            reviews: paging::after(asked.reviews_cursor, paging::place)?,
            limit: paging::limit(asked.limit)?,
        })
    }
}

/// A page of each list.
struct Found {
    reservations: Page<ReservationRow, Place>,
    tickets: Page<TicketRow, Place>,
    reviews: Page<ReviewRow, Place>,
}

pub async fn get(
    State(desk): State<Desk>,
    caller: Caller,
    Path(guest): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let guest = named("invalid-guest", guest)?;
    caller.guest(guest.as_str())?;
    let places = Places::try_from(asked)?;
    let standing = desk.standing();
    let found = find(&desk, guest.as_str(), places).await.map_err(|fault| Problem::unanswered(&fault))?;
    let Found { reservations, tickets, reviews } = found;
    let body = json!({
        "guest_id": guest.as_str(),
        "reservations": reservations.rows.iter().map(reservation::view).collect::<Vec<_>>(),
        "next_cursor": reservations.next.map(paging::written),
        "tickets": tickets.rows.iter().map(ticket::view).collect::<Vec<_>>(),
        "next_tickets_cursor": tickets.next.map(paging::written),
        "reviews": reviews.rows.iter().map(review).collect::<Vec<_>>(),
        "next_reviews_cursor": reviews.next.map(paging::written),
    });
    Ok(dated(body, standing))
}

async fn find(desk: &Desk, guest: &str, places: Places) -> Result<Found, DbErr> {
    let Places { reservations, tickets, reviews, limit } = places;
    let view = View::open(desk.engine.store()).await?;
    let reservations = view.reservations(&Wanted::all(Whose::Guest(guest)), reservations, limit).await?;
    let tickets = view.tickets(guest, tickets, limit).await?;
    let reviews = view.reviews(guest, reviews, limit).await?;
    view.close().await?;
    Ok(Found { reservations, tickets, reviews })
}

fn review(row: &ReviewRow) -> Value {
    json!({
        "id": row.review_id,
        "version": row.version,
        "status": row.status,
        "offering_id": row.offering_id,
        "offering_name": row.offering_name,
        "business": row.business,
        "reservation_id": row.reservation_id,
        "guest_id": row.guest_id,
        "rating": row.rating,
        "text": row.text,
        "posted_at": Timestamp::from_microsecond(row.posted_us).ok().map(|at| at.to_string()),
    })
}
