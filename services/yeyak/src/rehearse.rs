//! `yeyak rehearse`: one booking from its offering to its refund, through REST alone, told step by step.

use crate::cli::Rehearsal;
use crate::rest::{Entries, Rest, id};
use anyhow::{Context, bail, ensure};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use kernel::Clock;
use serde_json::{Value, json};
use std::io::Write;
use std::time::{Duration, Instant};
use uuid::Uuid;

const PRICE: i64 = 1_000;
/// One step may take this part of the whole, so that a failure is told by the step that it is in.
const STEPS: u32 = 4;
/// So far ahead that the whole price comes back.
const DAYS_AHEAD: i64 = 30;

/// Rehearses a booking; what it published is retired in the end, whatever came of it.
pub async fn run(options: Rehearsal) -> anyhow::Result<()> {
    let token = token(&options)?;
    let others = [("offerings", &options.catalog_url), ("payments", &options.payment_url)];
    let others = others.into_iter().filter_map(|(path, url)| Some((path, url.clone()?))).collect();
    let entries = Entries { entry: options.url.clone(), others };
    let rest = Rest::new(entries, token.as_deref(), Duration::from_secs(options.seconds_max) / STEPS)?;
    let begin = Instant::now();
    published(&rest, &options).await.context("the rehearsal")?;
    tell(format!("all of it in {:.1} s", begin.elapsed().as_secs_f64()))
}

fn token(options: &Rehearsal) -> anyhow::Result<Option<String>> {
    let Some(file) = &options.token_file else { return Ok(options.token.clone()) };
    let token = std::fs::read_to_string(file).with_context(|| format!("the token in {}", file.display()))?;
    Ok(Some(token.trim().to_owned()))
}

fn tell(step: impl AsRef<str>) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{}", step.as_ref())?;
    Ok(())
}

async fn published(rest: &Rest, options: &Rehearsal) -> anyhow::Result<()> {
    let offering = json!({
        "business": options.business, "name": "Rehearsal, not for guests", "kind": "nights", "units": 1,
        "timezone": "UTC", "price": { "amount": PRICE, "currency": "KRW" }, "payment": "prepay",
    });
    let offering = rest.post("/offerings", offering).await.context("publishing an offering")?.expect(201)?;
    let offering = id(&offering)?;
    tell(format!("published the offering {offering}"))?;
    let bound = Duration::from_secs(options.seconds_max);
    let booked = tokio::time::timeout(bound, booked(rest, options, &offering)).await;
    let booked = booked.unwrap_or_else(|_| bail!("it was not over after {} s", options.seconds_max));
    let retired = rest.delete(&format!("/offerings/{offering}")).await.context("retiring the offering");
    booked?;
    retired?.expect(204).context("retiring the offering")?;
    tell("retired it")
}

async fn booked(rest: &Rest, options: &Rehearsal, offering: &str) -> anyhow::Result<()> {
    let from = Clock::system().now().to_zoned(TimeZone::UTC).date().checked_add(DAYS_AHEAD.days())?;
    let to = from.tomorrow()?;
    let units = format!("/availability?offering_id={offering}&from={from}&to={to}");
    let free = |free: i64| move |seen: &Value| seen["buckets"][0]["free"] == free;
    rest.until(&units, free(1)).await.context("reservation hears of it")?;
    tell("it can be booked")?;
    let wish = json!({
        "offering_id": offering, "guest_id": options.guest, "quantity": 1, "from": from, "to": to,
        "payment_method": "card-ok",
    });
    let key = Uuid::new_v4().to_string();
    let answer = rest.post_with_key("/reservations", &wish, &key).await.context("booking it")?;
    ensure!(matches!(answer.status, 201 | 202), "booking it: {} {}", answer.status, answer.body);
    let case = id(&answer.body)?;
    let path = format!("/reservations/{case}");
    tell(format!("booked it: the reservation {case}"))?;
    let stayed = confirmed(rest, &wish, (&key, &case), &units).await;
    // Whatever was wrong with it, the unit and the money go back.
    let cancelled = rest.post(&format!("{path}/cancel"), json!({})).await.context("cancelling it");
    stayed?;
    let cancelled = cancelled?.expect(200).context("cancelling it")?;
    ensure!(cancelled["keep"] == 0, "the cancelled reservation keeps {}", cancelled["keep"]);
    rest.until(&units, free(1)).await.context("the unit comes back")?;
    tell("cancelled it, and its unit is free again")?;
    let refunded = |seen: &Value| seen["payments"][0]["status"] == "refunded";
    let paid = rest.until(&format!("/payments?reservation_id={case}"), refunded).await.context("the refund")?;
    let (captured, back) = (&paid["payments"][0]["captured"], &paid["payments"][0]["refunded"]);
    ensure!(captured == PRICE && back == PRICE, "{captured} were taken and {back} paid back, of {PRICE}");
    tell(format!("the money came back: {back} of {captured}"))
}

async fn confirmed(rest: &Rest, wish: &Value, (key, case): (&str, &str), units: &str) -> anyhow::Result<()> {
    rest.reaches(&format!("/reservations/{case}"), "confirmed").await.context("its confirmation")?;
    let again = rest.post_with_key("/reservations", wish, key).await.context("booking it again with its key")?;
    let again = id(&again.body).with_context(|| format!("booking it again with its key: {}", again.status))?;
    ensure!(again == case, "the same Idempotency-Key made another reservation, {again}");
    let taken = rest.get(units).await?;
    ensure!(taken["buckets"][0]["free"] == 0, "the unit is booked and still free: {taken}");
    tell("it is confirmed, once, and its unit is taken")
}
