//! A list of events that somebody derived, beside the bookings that it names.

use super::{Booking, Event, Hotel, Op, Plan, table};
use anyhow::ensure;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;

#[derive(Deserialize)]
struct BookingRow {
    booking_no: u32,
    hotel: String,
    arrival: String,
    departure: String,
}

#[derive(Deserialize)]
struct EventRow {
    on: String,
    booking_no: u32,
    op: String,
}

pub fn read(events: &Path, bookings: &Path) -> anyhow::Result<Plan> {
    let bookings = read_bookings(bookings)?;
    let position: HashMap<u32, usize> = bookings.iter().map(|one| one.number).zip(0..).collect();
    let mut booked = vec![false; bookings.len()];
    let mut found: Vec<Event> = Vec::new();
    table::each(events, |row: EventRow| {
        let number = row.booking_no;
        let booking = *position.get(&number).ok_or_else(|| format!("there is no booking {number}"))?;
        let op = op(&row.op)?;
        if (op == Op::Book) == booked[booking] {
            return Err(format!("`{}` of booking {number}, which is booked once, before anything else", row.op));
        }
        booked[booking] = true;
        let on = table::day("on", &row.on)?;
        if found.last().is_some_and(|last| last.on > on) {
            return Err(format!("{on} lies before the day of the event before it"));
        }
        found.push(Event { on, booking, op });
        Ok(())
    })?;
    ensure!(!found.is_empty(), "{} has no events", events.display());
    Ok(Plan { bookings, events: found })
}

fn read_bookings(path: &Path) -> anyhow::Result<Vec<Booking>> {
    let mut bookings = Vec::new();
    table::each(path, |row: BookingRow| {
        let hotel = Hotel::ALL.into_iter().find(|hotel| hotel.name() == row.hotel);
        let hotel = hotel.ok_or_else(|| format!("`hotel` is city or resort, not `{}`", row.hotel))?;
        let (from, to) = (table::day("arrival", &row.arrival)?, table::day("departure", &row.departure)?);
        let booking = Booking { number: row.booking_no, hotel, from, to };
        bookings.push(booking.check()?);
        Ok(())
    })?;
    bookings.sort_by_key(|one: &Booking| one.number);
    let twice = bookings.windows(2).find(|pair| pair[0].number == pair[1].number);
    ensure!(twice.is_none(), "{}: booking {} is there twice", path.display(), twice.map_or(0, |pair| pair[0].number));
    Ok(bookings)
}

fn op(name: &str) -> Result<Op, String> {
    let ops = [Op::Book, Op::Cancel, Op::CheckIn, Op::NoShow, Op::CheckOut];
    ops.into_iter().find(|op| op.name() == name).ok_or_else(|| format!("there is no `op` named `{name}`"))
}
