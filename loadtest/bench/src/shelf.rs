//! The offerings of one load: published by it, sold by it alone, counted by it in the end.

use crate::http::{Address, Client};
use crate::plan::{Kind, Plan};
use anyhow::{Context, bail, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::json;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Calls at the same time.
const CALLS_MAX: usize = 32;
/// Offerings that are not bookable after this time will not be, in seconds.
const BOOKABLE_SECONDS_MAX: u64 = 60;
/// Between two looks, in milliseconds.
const LOOK_MS: u64 = 50;
/// The one bucket that everybody books.
const NIGHT: (&str, &str) = ("2031-05-01", "2031-05-02");
const STARTS_AT: &str = "2031-05-01T10:00:00Z";

/// Bookable offerings.
pub struct Shelf {
    pub offerings: Vec<Uuid>,
    pub kind: Kind,
    /// Of the one bucket of each.
    pub units: u64,
}

#[derive(Deserialize)]
struct Created {
    id: Uuid,
}

#[derive(Deserialize)]
struct Availability {
    buckets: Vec<Bucket>,
}

/// Units of a bucket, and how many of them are free.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub struct Bucket {
    pub units: u64,
    pub free: u64,
}

impl Shelf {
    /// Publishes the offerings of `plan`, and waits until the last of them can be booked.
    pub async fn fill(catalog: &Address, reservation: &Address, plan: &Plan) -> anyhow::Result<Self> {
        let run = Uuid::new_v4().simple().to_string();
        let calls = (0..plan.offerings()).map(|number| {
            let (body, key) = (offering(plan, &run, number), format!("offering-{run}-{number}"));
            async move { publish(&mut Client::new(catalog), &key, &body?).await }
        });
        let offerings = stream::iter(calls).buffered(CALLS_MAX).try_collect().await?;
        let shelf = Self { offerings, kind: plan.kind, units: plan.units };
        let until = Instant::now() + Duration::from_secs(BOOKABLE_SECONDS_MAX);
        let mut client = Client::new(reservation);
        for offering in &shelf.offerings {
            while shelf.look(&mut client, *offering).await?.is_none() {
                ensure!(Instant::now() < until, "{offering} is not bookable after {BOOKABLE_SECONDS_MAX} s");
                tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
            }
        }
        Ok(shelf)
    }

    /// What the platform says of the bucket that is sold; `None` while reservation has not heard of the offering.
    pub async fn look(&self, client: &mut Client, offering: Uuid) -> anyhow::Result<Option<Bucket>> {
        let span = match self.kind {
            Kind::Nights => format!("&from={}&to={}", NIGHT.0, NIGHT.1),
            Kind::Seats => String::new(),
        };
        let answer = client.get(&format!("/availability?offering_id={offering}{span}")).await?;
        match answer.status {
            404 => Ok(None),
            200 => {
                let found: Availability = serde_json::from_slice(answer.body).context("availability")?;
                let [bucket] = found.buckets.as_slice() else { bail!("{offering} has not one bucket") };
                Ok(Some(*bucket))
            }
            status => bail!("availability: {status} {}", String::from_utf8_lossy(answer.body)),
        }
    }

    /// The span of a booking as the rest of its JSON object.
    pub fn span(&self) -> String {
        match self.kind {
            Kind::Nights => format!(r#","from":"{}","to":"{}""#, NIGHT.0, NIGHT.1),
            Kind::Seats => String::new(),
        }
    }
}

fn offering(plan: &Plan, run: &str, number: usize) -> anyhow::Result<Vec<u8>> {
    let mut body = json!({
        "business": format!("bench-{}", &run[..8]), "name": format!("Offering {number}"), "kind": plan.kind.name(),
        "units": plan.units, "timezone": "Asia/Seoul", "price": { "amount": 120_000, "currency": "KRW" },
        "payment": plan.payment.name(),
    });
    if plan.kind == Kind::Seats {
        body["starts_at"] = json!(STARTS_AT);
    }
    Ok(serde_json::to_vec(&body)?)
}

async fn publish(client: &mut Client, key: &str, body: &[u8]) -> anyhow::Result<Uuid> {
    let answer = client.post("/offerings", key, body).await.context("publishing an offering")?;
    ensure!(answer.status == 201, "an offering: {} {}", answer.status, String::from_utf8_lossy(answer.body));
    Ok(serde_json::from_slice::<Created>(answer.body)?.id)
}
