//! The values of a text: amounts and times as people read them.

use super::Language;
use contract::reservation::ReservationV1;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Values by name.
#[derive(Clone, Debug, Default)]
pub struct Values<'v>(Vec<(&'static str, std::borrow::Cow<'v, str>)>);

/// What is said about a reservation.
pub fn of_reservation(told: &ReservationV1, language: Language) -> Values<'_> {
    Values(vec![
        ("offering", told.offering_name.as_str().into()),
        ("guest", told.guest_id.as_str().into()),
        ("quantity", told.quantity.to_string().into()),
        ("when", when(told).into()),
        ("total", money(told.total.amount, &told.total.currency, language).into()),
    ])
}

/// What is said about money given back: minor units and their currency.
pub fn of_refund<'v>(offering: &'v str, (amount, currency): (i64, &str), language: Language) -> Values<'v> {
    Values(vec![("offering", offering.into()), ("refunded", money(amount, currency, language).into())])
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

/// The span: dates as they are, instants on the offering's own clock.
fn when(told: &ReservationV1) -> String {
    let zone = kernel::time_zone(&told.timezone);
    let from = moment(&told.from, zone.as_ref());
    match &told.to {
        Some(to) => format!("{from} – {}", moment(to, zone.as_ref())),
        None => from,
    }
}

fn moment(text: &str, zone: Option<&TimeZone>) -> String {
    match (text.parse::<Timestamp>(), zone) {
        (Ok(instant), Some(zone)) => instant.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string(),
        (Ok(_) | Err(_), _) => text.to_owned(),
    }
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
    use crate::working::testing::reservation;

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
        assert_eq!(when(&told), "2027-05-01 – 2027-05-03");
        told.from = "2027-05-01T01:00:00Z".into();
        told.to = None;
        assert_eq!(when(&told), "2027-05-01 10:00");
        told.timezone = "Nowhere".into();
        assert_eq!(when(&told), "2027-05-01T01:00:00Z");
    }

    #[test]
    fn a_value_that_looks_like_a_name_stays_what_it_is() {
        let mut told = reservation(1);
        told.offering_name = "{guest}".into();
        let values = of_reservation(&told, Language::En);
        assert_eq!(values.fill("{offering} and {guest} {"), "{guest} and mina {");
    }
}
