//! Rules of booking and of lines: from a draft, and back to it.

use crate::draft::{DraftLine, DraftOpening, DraftRules};
use kernel::{Kind, LineError, LineRules, Opening, Rules, RulesError};

pub(crate) fn parse(draft: &DraftRules, kind: Kind) -> Result<Rules, RulesError> {
    let DraftRules { opening_hours, minimum_notice_minutes, stay_min, stay_max, buffer_minutes } = draft;
    let opening = |hours: &DraftOpening| Opening::parse(&hours.day, &hours.opens, &hours.closes);
    let rules = Rules {
        opening_hours: opening_hours.iter().map(opening).collect::<Result<_, _>>()?,
        minimum_notice_minutes: *minimum_notice_minutes,
        stay_min: *stay_min,
        stay_max: *stay_max,
        buffer_minutes: *buffer_minutes,
    };
    rules.checked(kind)
}

/// A line always has its rules; nothing else has any.
pub(crate) fn parse_line(draft: Option<&DraftLine>, kind: Kind) -> Result<Option<LineRules>, LineError> {
    match (kind, draft) {
        (Kind::Nights | Kind::Slots | Kind::Seats, None) => Ok(None),
        (Kind::Nights | Kind::Slots | Kind::Seats, Some(_)) => Err(LineError::Kind),
        (Kind::Line, None) => Ok(Some(LineRules::default())),
        (Kind::Line, Some(DraftLine { passes_max, call_minutes, deferrals_max, day_starts_at })) => {
            let mut line = LineRules::default();
            if let Some(text) = day_starts_at {
                line = line.with_day_starting(text)?;
            }
            line.passes_max = passes_max.unwrap_or(line.passes_max);
            line.call_minutes = call_minutes.unwrap_or(line.call_minutes);
            line.deferrals_max = deferrals_max.unwrap_or(line.deferrals_max);
            line.checked().map(Some)
        }
    }
}

impl From<&Rules> for DraftRules {
    fn from(rules: &Rules) -> Self {
        let Rules { opening_hours, minimum_notice_minutes, stay_min, stay_max, buffer_minutes } = rules;
        Self {
            opening_hours: opening_hours.iter().map(DraftOpening::from).collect(),
            minimum_notice_minutes: *minimum_notice_minutes,
            stay_min: *stay_min,
            stay_max: *stay_max,
            buffer_minutes: *buffer_minutes,
        }
    }
}

impl From<&Opening> for DraftOpening {
    fn from(opening: &Opening) -> Self {
        let (day, opens, closes) = opening.texts();
        Self { day: day.to_owned(), opens, closes }
    }
}

impl From<&LineRules> for DraftLine {
    fn from(line: &LineRules) -> Self {
        Self {
            passes_max: Some(line.passes_max),
            call_minutes: Some(line.call_minutes),
            deferrals_max: Some(line.deferrals_max),
            day_starts_at: Some(line.day_starts_at()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draft::Draft;
    use crate::sample::{draft, refused, terms};
    use crate::terms::Invalid;

    fn monday(opens: &str, closes: &str) -> DraftOpening {
        DraftOpening { day: "mon".into(), opens: opens.into(), closes: closes.into() }
    }

    #[test]
    fn an_office_says_when_it_is_open() {
        let rules = DraftRules {
            opening_hours: vec![monday("09:00", "18:00")],
            buffer_minutes: Some(15),
            ..DraftRules::default()
        };
        let office = Draft { kind: "slots".into(), slot_minutes: Some(30), rules: rules.clone(), ..draft() };
        assert_eq!(terms(office.clone()).draft().rules, rules);
        let late = DraftRules { opening_hours: vec![monday("18:00", "09:00")], ..rules.clone() };
        assert_eq!(refused(Draft { rules: late, ..office }), Invalid::Rules(RulesError::ClosesFirst));
        assert_eq!(refused(Draft { rules, ..draft() }), Invalid::Rules(RulesError::OpeningHoursKind));
    }

    #[test]
    fn a_line_has_rules_said_or_unsaid_and_nothing_else_has() {
        let line = Draft { kind: "line".into(), ..draft() };
        assert_eq!(terms(line.clone()).line, Some(LineRules::default()));
        let patient = DraftLine { call_minutes: Some(20), ..DraftLine::default() };
        let said = Draft { line: Some(patient.clone()), ..line.clone() };
        assert_eq!(terms(said).draft().line.and_then(|line| line.call_minutes), Some(20));
        let never = DraftLine { day_starts_at: Some("24:00".into()), ..DraftLine::default() };
        assert_eq!(refused(Draft { line: Some(never), ..line }), Invalid::Line(LineError::DayStart));
        assert_eq!(terms(draft()).line, None);
        assert_eq!(refused(Draft { line: Some(patient), ..draft() }), Invalid::Line(LineError::Kind));
    }
}
