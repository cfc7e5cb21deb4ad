//! What happened in one business, and the words for it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use kernel::Clock;
use serde_json::{Value, json};

/// Where all five businesses are.
pub const ZONE: &str = "Asia/Seoul";

/// What happened in one business.
pub struct Story {
    pub title: &'static str,
    pub steps: Vec<String>,
    /// The reservation or ticket to follow.
    pub case: String,
    /// The path of the host's view.
    pub view: String,
}

impl Story {
    pub fn new(title: &'static str) -> Self {
        Self { title, steps: Vec::new(), case: String::new(), view: String::new() }
    }

    pub fn tell(&mut self, step: impl Into<String>) {
        self.steps.push(step.into());
    }
}

/// A value as a person reads it: a text without quotes, a problem's type without its path.
pub fn said(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.trim_start_matches("/problems/").to_owned()
}

/// The local date `days` days from now.
pub fn day(days: i64) -> anyhow::Result<Date> {
    Ok(today()?.checked_add(days.days())?)
}

/// Local `hour` o'clock, `days` days from now, as an instant.
pub fn hour(days: i64, hour: i8) -> anyhow::Result<Timestamp> {
    Ok(day(days)?.at(hour, 0, 0, 0).to_zoned(TimeZone::get(ZONE)?)?.timestamp())
}

fn today() -> anyhow::Result<Date> {
    Ok(Zoned::new(Clock::system().now(), TimeZone::get(ZONE)?).date())
}

/// A booking by `guest`, paid with a card that works.
pub fn wish(offering: &str, guest: &str, quantity: i64) -> Value {
    json!({ "offering_id": offering, "guest_id": guest, "quantity": quantity, "payment_method": "card-ok" })
}

/// `body` with `from` and `to`.
pub fn during(mut body: Value, from: impl ToString, to: impl ToString) -> Value {
    body["from"] = json!(from.to_string());
    body["to"] = json!(to.to_string());
    body
}
