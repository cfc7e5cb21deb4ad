//! The values of a text: amounts, counts and times as people read them.

use super::Language;
use contract::reservation::ReservationV1;
use contract::review::ReviewV1;
use contract::waitlist::TicketV1;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use kernel::{Kind, parse_bucket_date};

/// Values by name.
#[derive(Clone, Debug, Default)]
pub struct Values<'v>(Vec<(&'static str, std::borrow::Cow<'v, str>)>);

/// What is said about a reservation.
pub fn of_reservation(told: &ReservationV1, language: Language) -> Values<'_> {
    // A kind that is not known here is told in the words of the plainest.
    let kind = told.kind.parse().unwrap_or(Kind::Slots);
    Values(vec![
        ("offering", told.offering_name.as_str().into()),
        ("guest", told.guest_id.as_str().into()),
        ("count", language.count(kind, told.quantity).into()),
        ("visit", language.visit(kind).into()),
        ("when", when(told, language).into()),
        ("total", money(told.total.amount, &told.total.currency, language).into()),
    ])
}

/// What is said about money given back: minor units and their currency.
pub fn of_refund<'v>(offering: &'v str, (amount, currency): (i64, &str), language: Language) -> Values<'v> {
    Values(vec![("offering", offering.into()), ("refunded", money(amount, currency, language).into())])
}

/// What is said about a party in a line.
pub fn of_ticket(told: &TicketV1, language: Language) -> Values<'_> {
    let party = match language {
        Language::Ko => format!("{}명", told.party_size),
        Language::En => format!("party of {}", told.party_size),
    };
    // A quote is given in seconds; people wait whole minutes.
    let minutes = |seconds: i64| (seconds.max(0) + 59) / 60;
    let wait = told.quoted.as_ref().map(|quote| language.wait(minutes(quote.p50), minutes(quote.p90)));
    let deadline = told.call_deadline.as_deref().map(|text| match local(text, &told.timezone) {
        Some(time) => language.until(&time.strftime("%H:%M").to_string()),
        None => language.until(text),
    });
    Values(vec![
        ("offering", told.offering_name.as_str().into()),
        ("guest", told.guest_id.as_str().into()),
        ("number", told.number.map_or_else(|| "–".to_owned(), |number| number.to_string()).into()),
        ("party", party.into()),
        ("wait", wait.unwrap_or_default().into()),
        ("until", deadline.unwrap_or_default().into()),
    ])
}

/// What is said about a review.
pub fn of_review(told: &ReviewV1, language: Language) -> Values<'_> {
    let rating = match language {
        Language::Ko => format!("별점 {}점", told.rating),
        Language::En => format!("{} of 5 stars", told.rating),
    };
    Values(vec![
        ("offering", told.offering_name.as_str().into()),
        ("guest", told.guest_id.as_str().into()),
        ("rating", rating.into()),
        ("review", told.text.as_str().into()),
    ])
}

impl Values<'_> {
    /// The text with its values. A value is never read as a text again, whatever it holds.
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len() + 64);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, behind)) = after.split_once('}') else { break };
            filled.push_str(before);
            let value = self.0.iter().find(|(known, _)| *known == name);
            filled.push_str(value.map_or(name, |(_, value)| value));
            rest = behind;
        }
        filled.push_str(rest);
        filled
    }
}

/// The span: nights as dates with their count, instants on the offering's own clock.
fn when(told: &ReservationV1, language: Language) -> String {
    let day = |text: &str| parse_bucket_date(text);
    let (from, to) = (moment(&told.from, &told.timezone), told.to.as_deref());
    let Some(to) = to else { return from };
    if let (Some(first), Some(end)) = (day(&told.from), day(to)) {
        // Both are within the bookable years, so the count is a matter of days.
        let nights = first.until(end).map_or(0, |span| i64::from(span.get_days()));
        return format!("{from} – {to} ({})", language.nights(nights));
    }
    match (local(&told.from, &told.timezone), local(to, &told.timezone)) {
        (Some(begin), Some(end)) if begin.date() == end.date() => format!("{from} – {}", end.strftime("%H:%M")),
        (Some(_) | None, _) => format!("{from} – {}", moment(to, &told.timezone)),
    }
}

fn moment(text: &str, timezone: &str) -> String {
    local(text, timezone).map_or_else(|| text.to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string())
}

/// The instant on the clock of that zone, unless one of them does not read.
fn local(text: &str, timezone: &str) -> Option<Zoned> {
    let zone: TimeZone = kernel::time_zone(timezone)?;
    Some(text.parse::<Timestamp>().ok()?.to_zoned(zone))
}

/// Digits behind the point, where ISO 4217 says other than two.
const fn decimals(currency: &[u8]) -> usize {
    match currency {
        b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX" | b"VND"
        | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
        b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
        _ => 2,
    }
}

fn money(amount: i64, currency: &str, language: Language) -> String {
    let decimals = decimals(currency.as_bytes());
    // As many digits as make one whole unit, even where the amount is a fraction of one.
    let digits = format!("{:0width$}", amount.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let mut text = String::from(if amount < 0 { "-" } else { "" });
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if decimals > 0 {
        text.push('.');
        text.push_str(fraction);
    }
    match (language, currency) {
        (Language::Ko, "KRW") => format!("{text}원"),
        (Language::Ko | Language::En, _) => format!("{currency} {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::reservation;

    #[test]
    fn an_amount_has_the_decimals_of_its_currency() {
        for (amount, currency, ko, en) in [
            (240_000, "KRW", "240,000원", "KRW 240,000"),
            (0, "KRW", "0원", "KRW 0"),
            (1_234_567, "USD", "USD 12,345.67", "USD 12,345.67"),
            (5, "EUR", "EUR 0.05", "EUR 0.05"),
            (1_500, "KWD", "KWD 1.500", "KWD 1.500"),
        ] {
            assert_eq!(money(amount, currency, Language::Ko), ko);
            assert_eq!(money(amount, currency, Language::En), en);
        }
    }

    #[test]
    fn a_span_is_told_on_the_offerings_own_clock() {
        let mut told = reservation(1);
        assert_eq!(when(&told, Language::En), "2027-05-01 – 2027-05-03 (2 nights)");
        assert_eq!(when(&told, Language::Ko), "2027-05-01 – 2027-05-03 (2박)");
        told.from = "2027-05-01T01:00:00Z".into();
        told.to = Some("2027-05-01T03:30:00Z".into());
        assert_eq!(when(&told, Language::Ko), "2027-05-01 10:00 – 12:30");
        told.to = Some("2027-05-01T15:00:00Z".into());
        assert_eq!(when(&told, Language::Ko), "2027-05-01 10:00 – 2027-05-02 00:00");
        told.to = None;
        assert_eq!(when(&told, Language::Ko), "2027-05-01 10:00");
        told.timezone = "Nowhere".into();
        assert_eq!(when(&told, Language::Ko), "2027-05-01T01:00:00Z");
    }

    #[test]
    fn a_value_that_looks_like_a_name_stays_what_it_is() {
        let mut told = reservation(1);
        told.offering_name = "{guest}".into();
        let values = of_reservation(&told, Language::En);
        assert_eq!(values.fill("{offering} and {guest} {"), "{guest} and mina {");
    }
}
