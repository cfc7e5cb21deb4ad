//! `GET /offerings`: open offerings, page by page.

use super::{Desk, view};
use crate::store::{self, Place, Wanted};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use catalog_domain::{Invalid, Offering};
use runtime::http::Query;
use runtime::problem::Problem;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Offerings of a page, unless the caller says how many.
const LIMIT_USUAL: i64 = 50;
const LIMIT_MAX: i64 = 200;
/// Longest part of a name that is searched for, in characters.
const PART_CHARS_MAX: usize = 200;

/// The query; what is there but empty counts as absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    business: Option<String>,
    kind: Option<String>,
    q: Option<String>,
    /// The whole place; `q` finds parts.
    place: Option<String>,
    cursor: Option<String>,
    limit: Option<i64>,
}

pub async fn get(State(desk): State<Desk>, Query(asked): Query<Asked>) -> Result<Json<Value>, Problem> {
    let wanted = Wanted::try_from(asked)?;
    let store = desk.engine.store();
    let page = store::search(store, wanted).await.map_err(|fault| Problem::unanswered(&fault))?;
    let ids = page.offerings.iter().map(|offering| offering.id).collect();
    let activity = store::activity(store, ids).await.map_err(|fault| Problem::unanswered(&fault))?;
    let shown = |offering: &Offering| view::offering(offering, activity.get(&offering.id).copied().unwrap_or_default());
    let offerings: Vec<Value> = page.offerings.iter().map(shown).collect();
    Ok(Json(json!({ "offerings": offerings, "next_cursor": page.next.map(cursor) })))
}

impl TryFrom<Asked> for Wanted {
    type Error = Problem;
    fn try_from(asked: Asked) -> Result<Self, Problem> {
        let named = |text: Option<String>| text.filter(|text| !text.is_empty());
        let kind = named(asked.kind).map(|word| word.parse()).transpose();
        let after = named(asked.cursor).map(|text| place(&text).ok_or_else(broken_cursor)).transpose()?;
        let limit = asked.limit.unwrap_or(LIMIT_USUAL);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(impossible("invalid-limit", format!("`limit` is 1 to {LIMIT_MAX}")));
        }
        let part = named(asked.q);
        if part.as_ref().is_some_and(|part| part.chars().count() > PART_CHARS_MAX) {
            return Err(impossible("invalid-search", format!("`q` is at most {PART_CHARS_MAX} characters")));
        }
        Ok(Self {
            business: named(asked.business),
            kind: kind.map_err(|unknown| view::invalid(&Invalid::Kind(unknown)))?,
            place: named(asked.place),
            part,
            after,
            limit: limit.unsigned_abs(),
        })
    }
}

fn impossible(slug: &'static str, detail: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, slug, detail)
}

fn broken_cursor() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid-cursor", "`cursor` is the `next_cursor` of an earlier page")
}

/// A place as callers carry it: 16 hexadecimal digits of its age, 32 of its id.
fn cursor(place: Place) -> String {
    format!("{:016x}{:032x}", place.created_us, place.id.as_u128())
}

fn place(cursor: &str) -> Option<Place> {
    let digits = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if cursor.len() != 48 || !cursor.bytes().all(digits) {
        return None;
    }
    let (created_us, id) = cursor.split_at(16);
    Some(Place {
        created_us: i64::from_str_radix(created_us, 16).ok()?,
        id: Uuid::from_u128(u128::from_str_radix(id, 16).ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_as_it_was_written() {
        let at = Place { created_us: 1_790_000_000_000_001, id: Uuid::from_u128(7) };
        assert_eq!(place(&cursor(at)), Some(at));
        let long = format!("{}0", cursor(at));
        for broken in ["", "x", &long, &cursor(at).to_uppercase().replace('0', "g"), &"f".repeat(48), &"é".repeat(24)]
        {
            assert_eq!(place(broken), None, "{broken}");
        }
    }
}
