//! `GET /dashboard/businesses/{business}/days`: arrivals, departures, occupancy and revenue of each local day.

use super::{Desk, Standing, dated, named, paging, spreadsheet};
use crate::calendar;
use crate::days::{Day, Days};
use crate::store::View;
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use kernel::parse_bucket_date;
use runtime::auth::Caller;
use runtime::http::{Path, Query};
use runtime::problem::Problem;
use sea_orm::DbErr;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::ops::Range;
use uuid::Uuid;

/// Most days of one answer.
const DAYS_MAX: i64 = 400;

/// The query; what is there but empty counts as absent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    from: Option<String>,
    to: Option<String>,
    offering_id: Option<String>,
}

impl Asked {
    fn days(&self) -> Result<Range<i64>, Problem> {
        let (from, to) = (date("from", self.from.as_ref())?, date("to", self.to.as_ref())?);
        let (Some(from), Some(to)) = (from, to) else {
            return Err(paging::impossible("invalid-span", "`from` and `to` are needed".into()));
        };
        if to - from > DAYS_MAX {
            return Err(paging::impossible("span-too-long", format!("at most {DAYS_MAX} days at once")));
        }
        span(Some(from), Some(to)).map(|_| from..to)
    }
}

/// The number of a local date of the query.
pub fn date(name: &'static str, text: Option<&String>) -> Result<Option<i64>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let broken = || paging::unreadable(format!("`{name}` is a date such as 2026-12-24"));
    parse_bucket_date(text).map(calendar::number).map(Some).ok_or_else(broken)
}

/// The half-open span of two days, either of which may be missing.
pub fn span(from: Option<i64>, to: Option<i64>) -> Result<Range<Option<i64>>, Problem> {
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        return Err(paging::impossible("invalid-span", "`to` must lie behind `from`".into()));
    }
    Ok(from..to)
}

/// An id of the query.
pub fn id(name: &'static str, text: Option<&String>) -> Result<Option<Uuid>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| paging::unreadable(format!("`{name}` is an id")))
}

pub async fn get(
    State(desk): State<Desk>,
    caller: Caller,
    Path(business): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let (days, standing) = answer(&desk, &caller, business.clone(), asked).await?;
    let shown: Vec<Value> = days.iter().map(|(number, day)| view(number, day)).collect();
    Ok(dated(json!({ "business": business, "days": shown }), standing))
}

/// The same as a spreadsheet, with a column of money for each currency.
pub async fn spreadsheet(
    State(desk): State<Desk>,
    caller: Caller,
    Path(business): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let (days, _) = answer(&desk, &caller, business, asked).await?;
    let currencies: BTreeSet<&String> = days.iter().flat_map(|(_, day)| day.revenue.keys()).collect();
    let mut head: Vec<String> = COLUMNS.map(str::to_owned).to_vec();
    head.extend(currencies.iter().map(|currency| format!("revenue {currency}")));
    let rows = days.iter().map(|(number, day)| {
        let mut row = vec![label(number)];
        row.extend(counts(day).map(|count| count.to_string()));
        row.push(day.occupancy().map(|share| share.to_string()).unwrap_or_default());
        let earned = |currency: &&String| day.revenue.get(*currency).map_or(0, |money| money.captured - money.refunded);
        row.extend(currencies.iter().map(|currency| earned(currency).to_string()));
        row
    });
    spreadsheet::answer("days.csv", &head, rows, None)
}

const COLUMNS: [&str; 9] =
    ["day", "arrivals", "departures", "sold", "held", "blocked", "units", "offered", "occupancy"];

fn counts(day: &Day) -> [i64; 7] {
    [day.arrivals, day.departures, day.sold, day.held, day.blocked, day.units, day.offered()]
}

async fn answer(desk: &Desk, caller: &Caller, business: String, asked: Asked) -> Result<(Days, Standing), Problem> {
    let business = named("invalid-business", business)?;
    caller.host(business.as_str())?;
    let (days, offering) = (asked.days()?, id("offering_id", asked.offering_id.as_ref())?);
    let standing = desk.standing();
    let days = find(desk, business.as_str(), offering, days).await.map_err(|fault| Problem::unanswered(&fault))?;
    Ok((days, standing))
}

async fn find(desk: &Desk, business: &str, offering: Option<Uuid>, range: Range<i64>) -> Result<Days, DbErr> {
    let view = View::open(desk.engine.store()).await?;
    let mut days = Days::new(range.clone());
    for offer in view.offers(business, offering).await? {
        days.offer(offer);
    }
    view.sold(business, offering, range, |sold| days.book(&sold)).await?;
    view.close().await?;
    Ok(days)
}

fn view(number: i64, day: &Day) -> Value {
    let revenue = day.revenue.iter().map(|(currency, money)| {
        let amount = money.captured.saturating_sub(money.refunded);
        json!({ "currency": currency, "captured": money.captured, "refunded": money.refunded, "amount": amount })
    });
    json!({
        "day": label(number),
        "arrivals": day.arrivals,
        "departures": day.departures,
        "sold": day.sold,
        "held": day.held,
        "blocked": day.blocked,
        "units": day.units,
        "offered": day.offered(),
        "occupancy": day.occupancy(),
        "revenue": revenue.collect::<Vec<_>>(),
    })
}

fn label(number: i64) -> String {
    calendar::day(number).map(|day| day.to_string()).unwrap_or_default()
}
