//! The published file: one row per booking, in 32 columns, of which these say when and where.

use super::{Booking, Ending, Hotel, Life, Plan, derive, table};
use anyhow::ensure;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;
use std::path::Path;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// Longest time between booking and arrival that can be meant.
const LEAD_DAYS_MAX: u32 = 3_650;

#[derive(Deserialize)]
struct Row {
    hotel: String,
    lead_time: u32,
    arrival_date_year: i16,
    arrival_date_month: String,
    arrival_date_day_of_month: i8,
    stays_in_weekend_nights: u16,
    stays_in_week_nights: u16,
    reservation_status: String,
    reservation_status_date: String,
}

pub fn read(path: &Path) -> anyhow::Result<Plan> {
    let mut lives = Vec::new();
    let mut number = 0;
    table::each(path, |row: Row| {
        number += 1;
        lives.push(life(number, &row)?);
        Ok(())
    })?;
    ensure!(!lives.is_empty(), "{} has no bookings", path.display());
    Ok(derive(&lives))
}

fn life(number: u32, row: &Row) -> Result<Life, String> {
    let from = arrival(row)?;
    let nights = i64::from(row.stays_in_weekend_nights) + i64::from(row.stays_in_week_nights);
    let to = from.checked_add(nights.days()).map_err(|_| "the stay ends outside of the calendar".to_owned())?;
    if row.lead_time > LEAD_DAYS_MAX {
        return Err(format!("`lead_time` {} is more than {LEAD_DAYS_MAX} days", row.lead_time));
    }
    let booked_on = from.saturating_sub(i64::from(row.lead_time).days());
    let ended_on = table::day("reservation_status_date", &row.reservation_status_date)?;
    let ending = match row.reservation_status.as_str() {
        "Check-Out" => Ending::CheckedOut(ended_on),
        "Canceled" => Ending::Cancelled(ended_on),
        "No-Show" => Ending::NoShow,
        other => return Err(format!("`reservation_status` is Check-Out, Canceled or No-Show, not `{other}`")),
    };
    let earliest = match ending {
        Ending::CheckedOut(_) => from,
        Ending::Cancelled(_) | Ending::NoShow => booked_on,
    };
    if ended_on < earliest {
        return Err(format!("`reservation_status_date` {ended_on} lies before {earliest}"));
    }
    let booking = Booking { number, hotel: hotel(&row.hotel)?, from, to }.check()?;
    Ok(Life { booking, booked_on, ending })
}

fn arrival(row: &Row) -> Result<Date, String> {
    let (year, day) = (row.arrival_date_year, row.arrival_date_day_of_month);
    let named = row.arrival_date_month.as_str();
    let month = (1..).zip(MONTHS).find_map(|(month, name)| (name == named).then_some(month));
    let month: i8 = month.ok_or_else(|| format!("`arrival_date_month` is an English month, not `{named}`"))?;
    Date::new(year, month, day).map_err(|_| format!("there is no {day} {named} {year} to arrive on"))
}

fn hotel(name: &str) -> Result<Hotel, String> {
    match name {
        "City Hotel" => Ok(Hotel::City),
        "Resort Hotel" => Ok(Hotel::Resort),
        other => Err(format!("`hotel` is City Hotel or Resort Hotel, not `{other}`")),
    }
}
