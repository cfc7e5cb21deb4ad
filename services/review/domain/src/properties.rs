//! What holds of reviews whatever is asked of them, and in whatever order reservations are heard of.

use crate::{Booking, Change, Command, Fact, Post, Refusal, Remove, Standing, Status, Words, Working, decide};
use jiff::Timestamp;
use kernel::{Label, OfferingId, Rating, ReservationId, ReviewId};
use proptest::option::of;
use proptest::prelude::*;
use uuid::Uuid;

fn reservation(number: u128) -> ReservationId {
    ReservationId(Uuid::from_u128(number))
}

fn label(guest: &str) -> Label {
    Label::try_from(guest.to_owned()).unwrap()
}

fn words(text: &str) -> Words {
    Words::try_from(text.to_owned()).unwrap()
}

fn note(number: u128, version: i64, guest: &str, standing: Standing) -> Command {
    Command::Note(Box::new(Booking {
        reservation: reservation(number),
        version,
        offering: OfferingId(Uuid::from_u128(900)),
        offering_name: "Loft".into(),
        business: "bearbnb".into(),
        guest: guest.into(),
        standing,
    }))
}

fn post(request: u128, number: u128, guest: &str, stars: i64) -> Post {
    Post {
        request: Uuid::from_u128(request),
        reservation: reservation(number),
        offering: OfferingId(Uuid::from_u128(900)),
        guest: label(guest),
        rating: Rating::try_from(stars).unwrap(),
        text: words("fine"),
    }
}

fn change(request: u128, number: u128, guest: &str, stars: Option<i64>, text: Option<&str>) -> Command {
    Command::Change(Box::new(Change {
        request: Uuid::from_u128(request),
        review: ReviewId::of(reservation(number)),
        guest: label(guest),
        rating: stars.map(|stars| Rating::try_from(stars).unwrap()),
        text: text.map(words),
    }))
}

fn remove(request: u128, number: u128, guest: &str) -> Command {
    let review = ReviewId::of(reservation(number));
    Command::Remove(Remove { request: Uuid::from_u128(request), review, guest: label(guest) })
}

fn told(working: &mut Working, command: &Command) -> (Result<i64, Refusal>, Option<Fact>) {
    let decision = decide(working, command, Timestamp::UNIX_EPOCH);
    (decision.told.map(|review| review.map_or(0, |review| review.version)), decision.happened)
}

fn hear(working: &mut Working, news: &Command) {
    assert_eq!(told(working, news), (Ok(0), None));
}

#[test]
fn r06_only_the_guest_of_a_booking_that_stands_reviews_it() {
    let mut working = Working::default();
    let wish = |request, guest| Command::Post(Box::new(post(request, 1, guest, 4)));
    assert_eq!(told(&mut working, &wish(1, "mina")), (Err(Refusal::UnknownReservation), None));
    hear(&mut working, &note(1, 1, "mina", Standing::Not));
    assert_eq!(told(&mut working, &wish(2, "mina")), (Err(Refusal::NotAGuest), None));
    hear(&mut working, &note(1, 2, "mina", Standing::Stands));
    assert_eq!(told(&mut working, &wish(3, "jun")), (Err(Refusal::NotAGuest), None));
    let elsewhere = Post { offering: OfferingId(Uuid::from_u128(901)), ..post(4, 1, "mina", 4) };
    assert_eq!(told(&mut working, &Command::Post(Box::new(elsewhere))), (Err(Refusal::NotAGuest), None));
    assert_eq!(told(&mut working, &wish(5, "mina")), (Ok(1), Some(Fact::Posted)));
    // Older news of the reservation change nothing.
    hear(&mut working, &note(1, 1, "mina", Standing::Not));
    let standing = Refusal::AlreadyReviewed { review: ReviewId::of(reservation(1)) };
    assert_eq!(told(&mut working, &wish(6, "mina")), (Err(standing), None));
}

#[test]
fn a_review_belongs_to_its_author_even_when_the_booking_is_over() {
    let mut working = Working::default();
    hear(&mut working, &note(1, 2, "mina", Standing::Stands));
    assert_eq!(told(&mut working, &Command::Post(Box::new(post(1, 1, "mina", 4)))), (Ok(1), Some(Fact::Posted)));
    hear(&mut working, &note(1, 3, "mina", Standing::Not));
    assert_eq!(told(&mut working, &change(2, 1, "jun", Some(1), None)), (Err(Refusal::NotTheAuthor), None));
    assert_eq!(told(&mut working, &remove(3, 1, "jun")), (Err(Refusal::NotTheAuthor), None));
    assert_eq!(told(&mut working, &change(4, 1, "mina", Some(4), Some("fine"))), (Ok(1), None));
    assert_eq!(told(&mut working, &change(5, 1, "mina", Some(2), None)), (Ok(2), Some(Fact::Changed)));
    assert_eq!(told(&mut working, &remove(6, 1, "mina")), (Ok(3), Some(Fact::Removed)));
    assert_eq!(told(&mut working, &remove(7, 1, "mina")), (Ok(3), None));
    assert_eq!(told(&mut working, &change(8, 1, "mina", Some(5), None)), (Err(Refusal::NotFound), None));
    assert_eq!(told(&mut working, &Command::Post(Box::new(post(9, 1, "mina", 5)))), (Err(Refusal::NotAGuest), None));
    // The booking stands again, and so its guest may speak again: the next version of the same review.
    hear(&mut working, &note(1, 4, "mina", Standing::Stands));
    assert_eq!(told(&mut working, &Command::Post(Box::new(post(10, 1, "mina", 5)))), (Ok(4), Some(Fact::Posted)));
}

#[test]
fn a_command_that_is_decided_twice_finds_its_own_work() {
    let mut working = Working::default();
    hear(&mut working, &note(1, 1, "mina", Standing::Stands));
    let commands =
        [Command::Post(Box::new(post(1, 1, "mina", 4))), change(2, 1, "mina", Some(1), None), remove(3, 1, "mina")];
    for (command, version) in commands.iter().zip(1..) {
        assert!(told(&mut working, command).1.is_some());
        assert_eq!(told(&mut working, command), (Ok(version), None));
    }
}

fn guests() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("mina"), 1 => Just("jun")]
}

fn wishes() -> impl Strategy<Value = Command> {
    let stands = prop_oneof![3 => Just(Standing::Stands), 1 => Just(Standing::Not)];
    prop_oneof![
        (1..4u128, 1..4i64, stands).prop_map(|(number, version, standing)| note(number, version, "mina", standing)),
        (1..9u128, 1..4u128, guests(), 1..=5i64)
            .prop_map(|(request, number, guest, stars)| Command::Post(Box::new(post(request, number, guest, stars)))),
        (1..9u128, 1..4u128, guests(), of(1..=5i64), of(Just("better")))
            .prop_map(|(request, number, guest, stars, text)| change(request, number, guest, stars, text)),
        (1..9u128, 1..4u128, guests()).prop_map(|(request, number, guest)| remove(request, number, guest)),
    ]
}

proptest! {
    #[test]
    fn a_refusal_changes_nothing_and_a_fact_is_one_version(commands in proptest::collection::vec(wishes(), 1..40)) {
        let mut working = Working::default();
        for command in &commands {
            let before = working.clone();
            let version = command.review().and_then(|id| before.review(id)).map_or(0, |review| review.version);
            let decision = decide(&mut working, command, Timestamp::UNIX_EPOCH);
            match (decision.told, decision.happened) {
                (Ok(None), happened) => prop_assert_eq!(happened, None),
                (Ok(Some(_)) | Err(_), None) => prop_assert_eq!(&working, &before),
                (told, Some(fact)) => {
                    let review = told.unwrap().unwrap();
                    prop_assert_eq!(review.version, version + 1);
                    prop_assert_eq!(review.status == Status::Removed, fact == Fact::Removed);
                    prop_assert_eq!(review.text.as_str().is_empty(), fact == Fact::Removed);
                    prop_assert_eq!(working.review(review.id), Some(&review));
                }
            }
        }
    }

    #[test]
    fn rule_19_reservations_end_the_same_in_any_order(
        news in Just((1..6i64).chain(1..4).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let mut working = Working::default();
        for version in news {
            let standing = if version % 2 == 1 { Standing::Stands } else { Standing::Not };
            hear(&mut working, &note(1, version, "mina", standing));
        }
        let known = working.booking(reservation(1)).unwrap();
        prop_assert_eq!((known.version, known.standing), (5, Standing::Stands));
    }
}
