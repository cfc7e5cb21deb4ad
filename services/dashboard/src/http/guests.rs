//! `GET /dashboard/guests/{guest_id}`: a guest's reservations, the newest first.

use super::paging::{self, Asked};
use super::{Desk, dated, named, reservation};
use crate::store::{Page, Place, ReservationRow, View, Whose};
use axum::Json;
use axum::extract::State;
use runtime::http::{Path, Query};
use runtime::problem::Problem;
use sea_orm::DbErr;
use serde_json::{Value, json};

pub async fn get(
    State(desk): State<Desk>,
    Path(guest): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let guest = named("invalid-guest", guest)?;
    let (after, limit) = asked.place()?;
    let standing = desk.standing();
    let page = list(&desk, guest.as_str(), after, limit).await.map_err(|fault| Problem::unanswered(&fault))?;
    let body = json!({
        "guest_id": guest.as_str(),
        "reservations": page.rows.iter().map(reservation::view).collect::<Vec<_>>(),
        "next_cursor": page.next.map(paging::written),
    });
    Ok(dated(body, standing))
}

async fn list(
    desk: &Desk,
    guest: &str,
    after: Option<Place>,
    limit: usize,
) -> Result<Page<ReservationRow, Place>, DbErr> {
    let view = View::open(desk.engine.store()).await?;
    let page = view.reservations(Whose::Guest(guest), after, limit).await?;
    view.close().await?;
    Ok(page)
}
