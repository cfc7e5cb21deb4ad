//! `POST /rebuild` and `GET /rebuild` on the admin port: the views made anew, while they serve.

use super::Desk;
use crate::store::{self, Rebuild, Stage};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use runtime::problem::Problem;
use serde_json::{Value, json};

pub async fn post(State(desk): State<Desk>) -> Result<(StatusCode, Json<Value>), Problem> {
    let store = desk.engine.store();
    let begun = store::begin(store).await.map_err(|fault| Problem::unanswered(&fault))?;
    let Some(rebuild) = begun else {
        return Err(Problem::new(StatusCode::CONFLICT, "rebuild-running", "a rebuild is running; it must end first"));
    };
    desk.begun.notify_one();
    Ok((StatusCode::ACCEPTED, Json(view(rebuild.generation - 1, Some(rebuild)))))
}

pub async fn get(State(desk): State<Desk>) -> Result<Json<Value>, Problem> {
    let (serving, rebuild) = store::current(desk.engine.store()).await.map_err(|fault| Problem::unanswered(&fault))?;
    Ok(Json(view(serving, rebuild)))
}

fn view(serving: i64, rebuild: Option<Rebuild>) -> Value {
    let state = match rebuild.map(|rebuild| rebuild.stage) {
        None => "idle",
        Some(Stage::Reading | Stage::Copying | Stage::Clearing) => "running",
        Some(Stage::Done) => "done",
    };
    json!({
        "state": state,
        "stage": rebuild.map(|rebuild| rebuild.stage.as_str()),
        "serving": serving,
        "generation": rebuild.map(|rebuild| rebuild.generation),
        "events_read": rebuild.map(|rebuild| rebuild.events_read),
        "events_all": rebuild.and_then(|rebuild| rebuild.events_all),
    })
}
