//! Every transition has its texts in both languages, and both say the same.

use super::*;
use crate::command::Command;
use crate::events::{TOPICS, translate};
use crate::samples::{event, payment, reservation, review, ticket};
use contract::payment::PaymentEvent;
use contract::reservation::ReservationEvent;
use contract::review::ReviewEvent;
use contract::waitlist::{LineV1, WaitlistEvent};

/// Types that are no transition somebody is told about, each for a reason that `TOPICS` gives.
const SILENT: &[&str] = &[
    "reservation.state.v1",
    "payment.captured.v1",
    "payment.declined.v1",
    "payment.voided.v1",
    "payment.state.v1",
    "waitlist.joined.v1",
    "waitlist.state.v1",
    "waitlist.line-paused.v1",
    "waitlist.line-resumed.v1",
    "waitlist.line-state.v1",
    "review.state.v1",
];

/// Every type of the events that are about a guest, with what it means here.
fn meanings() -> Vec<(&'static str, Option<Command>)> {
    let kinds = [ReservationEvent::KINDS, PaymentEvent::KINDS, WaitlistEvent::KINDS, ReviewEvent::KINDS].concat();
    kinds.into_iter().map(|kind| (kind, translate(&event(kind, payload(kind))).unwrap())).collect()
}

fn payload(kind: &str) -> Vec<u8> {
    let line = LineV1 {
        offering_id: uuid::Uuid::from_u128(901),
        version: 1,
        business: "noodles".into(),
        status: "paused".into(),
    };
    match kind.split('.').next().unwrap() {
        "payment" => serde_json::to_vec(&payment(1)),
        "waitlist" if kind.starts_with("waitlist.line-") => serde_json::to_vec(&line),
        "waitlist" => serde_json::to_vec(&ticket(1)),
        "review" => serde_json::to_vec(&review(1)),
        _ => serde_json::to_vec(&reservation(1)),
    }
    .unwrap()
}

/// The template of each type that somebody is told about.
fn templates() -> Vec<(&'static str, Template)> {
    let template = |(kind, command)| match command {
        Some(Command::Transition(transition)) => Some((kind, transition.template)),
        Some(Command::Refund(_)) => Some((kind, Template::Refunded)),
        Some(Command::Register(_) | Command::Forget { .. } | Command::Record(_) | Command::Redeliver { .. }) | None => {
            None
        }
    };
    meanings().into_iter().filter_map(template).collect()
}

fn names(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    names.sort_unstable();
    names
}

#[test]
fn r13_every_type_of_event_is_told_or_silent_for_a_reason() {
    let told: Vec<String> = templates().iter().map(|(kind, _)| kind.strip_suffix(".v1").unwrap().to_owned()).collect();
    assert_eq!(told, TOPICS);
    let silent: Vec<&str> = meanings().iter().filter(|(_, means)| means.is_none()).map(|(kind, _)| *kind).collect();
    assert_eq!(silent, SILENT);
    for (kind, template) in templates() {
        assert_eq!(format!("{}.v1", template.as_str().replacen('-', ".", 1)), kind);
    }
}

#[test]
fn r13_every_transition_has_a_text_in_both_languages_that_says_the_same() {
    for (kind, template) in templates() {
        let mut told = 0;
        for role in Role::ALL {
            match (text(template, role, Language::Ko), text(template, role, Language::En)) {
                (Some(ko), Some(en)) => {
                    assert_ne!(ko, en, "{kind} {role:?}");
                    assert_eq!(names(ko.body), names(en.body), "{kind} {role:?}");
                    assert_eq!(names(ko.subject), names(en.subject), "{kind} {role:?}");
                    told += 1;
                }
                (ko, en) => assert_eq!((ko, en), (None, None), "{kind} {role:?}"),
            }
        }
        assert!(told > 0, "nobody is told about {kind}");
    }
}

#[test]
fn guests_hear_of_their_own_and_hosts_of_what_changes_their_day() {
    let of = |role| -> Vec<&str> {
        let told = templates().into_iter().filter(|(_, template)| text(*template, role, Language::En).is_some());
        told.map(|(_, template)| template.as_str()).collect()
    };
    let guests: Vec<&str> =
        templates().iter().map(|(_, template)| template.as_str()).filter(|name| !name.starts_with("review")).collect();
    assert_eq!(of(Role::Guest), guests);
    assert_eq!(
        of(Role::Host),
        [
            "reservation-confirmed",
            "reservation-cancelled",
            "reservation-completed",
            "reservation-no-show",
            "waitlist-issued",
            "waitlist-seated",
            "waitlist-cancelled",
            "waitlist-no-show",
            "review-posted",
            "review-changed",
            "review-removed",
        ]
    );
}

#[test]
fn every_name_in_a_text_has_its_value() {
    let (booked, money, party, opinion) = (reservation(1), payment(1), ticket(1), review(1));
    for (kind, template) in templates() {
        for (role, language) in Role::ALL.into_iter().flat_map(|role| [(role, Language::Ko), (role, Language::En)]) {
            let values = match kind.split('.').next().unwrap() {
                "payment" => of_refund("room", (money.refunded, &money.total.currency), language),
                "waitlist" => of_ticket(&party, language),
                "review" => of_review(&opinion, language),
                _ => of_reservation(&booked, language),
            };
            let Some(Text { subject, body }) = text(template, role, language) else { continue };
            for name in [names(subject), names(body)].concat() {
                let filled = values.fill(&format!("{{{name}}}"));
                assert!(filled != name && !filled.is_empty(), "{kind} {role:?} {language:?} {name}");
            }
        }
    }
}

#[test]
fn a_kind_has_its_own_words() {
    let body = |kind: &str, quantity, language| {
        let mut booked = reservation(1);
        (booked.kind, booked.quantity) = (kind.into(), quantity);
        let texts = [Template::Cancelled, Template::Completed].map(|of| text(of, Role::Guest, language).unwrap().body);
        of_reservation(&booked, language).fill(&texts.join(" "))
    };
    for (kind, en, ko) in [
        ("nights", ["2 rooms,", "Your stay at"], ["객실 2개 예약", "숙박이 완료"]),
        ("slots", ["2 places,", "Your visit at"], ["자리 2개 예약", "이용이 완료"]),
        ("seats", ["2 seats,", "Your show at"], ["좌석 2석 예약", "관람이 완료"]),
    ] {
        for part in en {
            assert!(body(kind, 2, Language::En).contains(part), "{kind} {part}: {}", body(kind, 2, Language::En));
        }
        for part in ko {
            assert!(body(kind, 2, Language::Ko).contains(part), "{kind} {part}: {}", body(kind, 2, Language::Ko));
        }
    }
    assert!(body("seats", 1, Language::En).contains("1 seat,"));
}

#[test]
fn a_called_party_reads_its_deadline_on_the_stores_own_clock() {
    let told = ticket(1);
    let body =
        |template, language| of_ticket(&told, language).fill(text(template, Role::Guest, language).unwrap().body);
    assert_eq!(
        body(Template::Called, Language::En),
        "Number 17, party of 4: your seats at Noodle bar are ready. Please come in by 12:35; they are kept for you until then."
    );
    assert_eq!(
        body(Template::Called, Language::Ko),
        "대기번호 17번, 4명: Noodle bar 자리가 준비되었습니다. 입장해 주세요: 12:35까지 자리를 지켜 드립니다."
    );
    assert_eq!(
        body(Template::Issued, Language::En),
        "You are in line at Noodle bar: number 17, party of 4. The wait is about 10 min, seldom more than 25 min. \
         We call you when your table is ready."
    );
}
