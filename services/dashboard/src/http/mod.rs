//! REST: what is known, and how new it is.

mod businesses;
mod days;
mod guests;
mod history;
mod lines;
mod offerings;
mod order;
mod paging;
mod rebuild;
mod reservation;
mod spreadsheet;
mod stream;
mod ticket;

use crate::live::Hub;
use crate::service::Dashboard;
use axum::routing::get;
use axum::{Json, Router};
use choreography::Engine;
use jiff::Timestamp;
use kernel::Label;
use runtime::problem::Problem;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Notify;

/// What handlers share.
#[derive(Clone)]
pub struct Desk {
    pub engine: Engine<Dashboard>,
    /// Told when a rebuild begins.
    pub begun: Arc<Notify>,
    pub hub: Arc<Hub>,
}

/// The public routes.
pub fn public(desk: Desk) -> Router {
    Router::new()
        .route("/dashboard/offerings", get(offerings::get))
        .route("/dashboard/guests/{guest_id}", get(guests::get))
        .route("/dashboard/businesses/{business}", get(businesses::get))
        .route("/dashboard/businesses/{business}/bookings.csv", get(businesses::spreadsheet))
        .route("/dashboard/businesses/{business}/days", get(days::get))
        .route("/dashboard/businesses/{business}/days.csv", get(days::spreadsheet))
        .route("/dashboard/lines/{offering_id}", get(lines::get))
        .route("/dashboard/stream", get(stream::get))
        .route("/history/{correlation}", get(history::get))
        .with_state(desk)
}

/// The routes of operators.
pub fn admin(desk: Desk) -> Router {
    Router::new().route("/rebuild", get(rebuild::get).post(rebuild::post)).with_state(desk)
}

/// How new the views are.
#[derive(Clone, Copy)]
struct Standing {
    /// What was published before is in them; none until the broker has answered once.
    as_of: Option<Timestamp>,
    /// Events that waited when the broker was last asked.
    lag: u64,
}

impl Desk {
    /// Asked before what an answer shows is read, so that it never promises too much.
    fn standing(&self) -> Standing {
        let backlog = self.engine.backlog();
        Standing { as_of: backlog.read_until(), lag: backlog.waiting() }
    }
}

/// A body with how new it is.
fn dated(mut body: Value, Standing { as_of, lag }: Standing) -> Json<Value> {
    if let Some(members) = body.as_object_mut() {
        members.insert("as_of".into(), json!(as_of.map(|at| at.to_string())));
        members.insert("lag".into(), json!(lag));
    }
    Json(body)
}

/// The name of somebody, if anybody can have it.
fn named(slug: &'static str, text: String) -> Result<Label, Problem> {
    Label::try_from(text).map_err(|fault| paging::impossible(slug, fault.to_string()))
}
