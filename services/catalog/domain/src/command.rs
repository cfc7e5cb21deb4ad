//! What can be asked of offerings, and what a decision is.

use crate::change::{self, Change};
use crate::offering::Offering;
use crate::publish::{self, Publish};
use crate::retire;
use crate::terms::Invalid;
use crate::working::Working;
use jiff::Timestamp;
use kernel::OfferingId;
use thiserror::Error;
use uuid::Uuid;

/// A change that a host asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Publish(Box<Publish>),
    Change(Box<Change>),
    Retire {
        offering: OfferingId,
        /// The request's own id.
        request: Uuid,
    },
}

impl Command {
    /// The one offering it names.
    #[must_use]
    pub fn offering(&self) -> OfferingId {
        match self {
            Self::Publish(publish) => publish.id,
            Self::Change(change) => change.offering,
            Self::Retire { offering, .. } => *offering,
        }
    }
}

/// Why a host is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("no offering has this id")]
    NotFound,
    #[error("the offering is retired")]
    Retired,
    #[error("the offering has changed since; its version is {current} now")]
    Stale {
        /// The version it has now.
        current: i64,
    },
    #[error("`{field}` never changes")]
    Immutable {
        /// The field's name in the API.
        field: &'static str,
    },
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

/// What happened to an offering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    Published,
    Changed,
    Retired,
}

/// What a command is told, and what happened if anything did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub told: Result<Offering, Refusal>,
    /// Nothing on a refusal, on a repeat and on a change that changes nothing.
    pub happened: Option<Fact>,
}

/// Decides one command. A refusal leaves `working` as it was.
pub fn decide(working: &mut Working, command: &Command, now: Timestamp) -> Decision {
    let decided = match command {
        Command::Publish(publish) => publish::decide(working, publish, now),
        Command::Change(change) => change::decide(working, change),
        Command::Retire { offering, request } => retire::decide(working, *offering, *request),
    };
    match decided {
        Ok((happened, offering)) => Decision { told: Ok(offering), happened },
        Err(refusal) => Decision { told: Err(refusal), happened: None },
    }
}

/// What a verb decides: the offering as it stands now, and what happened to it.
pub(crate) type Decided = Result<(Option<Fact>, Offering), Refusal>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Changes;
    use crate::offering::Status;
    use crate::sample::{draft, drafts, outages, payments, terms, tiers};
    use crate::terms::{Invalid, Terms};
    use proptest::option::of;
    use proptest::prelude::*;

    const ID: OfferingId = OfferingId(Uuid::from_u128(1));

    fn publish(terms: Terms) -> Command {
        Command::Publish(Box::new(Publish { id: ID, terms }))
    }

    fn change(request: u128, seen: i64, changes: Changes) -> Command {
        Command::Change(Box::new(Change { offering: ID, request: Uuid::from_u128(request), seen, changes }))
    }

    fn retire(request: u128) -> Command {
        Command::Retire { offering: ID, request: Uuid::from_u128(request) }
    }

    fn units(units: i64) -> Changes {
        Changes { units: Some(units), ..Changes::default() }
    }

    fn told(working: &mut Working, command: &Command) -> (Result<i64, Refusal>, Option<Fact>) {
        let decision = decide(working, command, Timestamp::UNIX_EPOCH);
        (decision.told.map(|offering| offering.version), decision.happened)
    }

    #[test]
    fn a_life_counts_its_changes() {
        let mut working = Working::default();
        assert_eq!(told(&mut working, &retire(9)), (Err(Refusal::NotFound), None));
        assert_eq!(told(&mut working, &change(9, 1, units(5))), (Err(Refusal::NotFound), None));
        assert_eq!(told(&mut working, &publish(terms(draft()))), (Ok(1), Some(Fact::Published)));
        assert_eq!(told(&mut working, &change(2, 1, units(5))), (Ok(2), Some(Fact::Changed)));
        assert_eq!(told(&mut working, &change(3, 1, units(6))), (Err(Refusal::Stale { current: 2 }), None));
        assert_eq!(told(&mut working, &change(4, 3, units(6))), (Err(Refusal::Stale { current: 2 }), None));
        assert_eq!(told(&mut working, &change(5, 2, units(5))), (Ok(2), None));
        assert_eq!(told(&mut working, &change(6, 2, Changes::default())), (Ok(2), None));
        assert_eq!(told(&mut working, &change(7, 2, units(0))), (Ok(3), Some(Fact::Changed)));
        assert_eq!(told(&mut working, &retire(8)), (Ok(4), Some(Fact::Retired)));
        assert_eq!(told(&mut working, &retire(9)), (Ok(4), None));
        assert_eq!(told(&mut working, &change(9, 4, units(5))), (Err(Refusal::Retired), None));
    }

    #[test]
    fn a_command_that_is_decided_twice_finds_its_own_work() {
        let mut working = Working::default();
        let commands = [publish(terms(draft())), change(2, 1, units(5)), retire(3)];
        for (command, version) in commands.iter().zip(1..) {
            assert!(told(&mut working, command).1.is_some());
            assert_eq!(told(&mut working, command), (Ok(version), None));
        }
    }

    #[test]
    fn nothing_opens_without_units() {
        let empty = terms(crate::Draft { units: 0, ..draft() });
        assert_eq!(told(&mut Working::default(), &publish(empty)), (Err(Invalid::Units.into()), None));
    }

    fn changes() -> impl Strategy<Value = Changes> {
        let text = (of("[a-z]{0,2}"), of(of("[a-z]{0,2}")), of(-1..4i64), of((-1..3i64, "(KRW|EUR)")));
        let money = (payments(), outages(), of(4..9i64), of(tiers()));
        (text, money).prop_map(
            |((name, place, units, price), (payment, on_payment_outage, hold_seconds, cancellation))| Changes {
                name,
                place,
                units,
                price,
                payment,
                on_payment_outage,
                hold_seconds,
                cancellation,
                ..Changes::default()
            },
        )
    }

    fn commands() -> impl Strategy<Value = Command> {
        let new = drafts().prop_filter_map("a broken rule", |draft| Terms::try_from(draft).ok()).prop_map(publish);
        let changed =
            (2..9u128, 1..5i64, changes()).prop_map(|(request, seen, changes)| change(request, seen, changes));
        prop_oneof![2 => new, 6 => changed, 1 => (2..9u128).prop_map(retire)]
    }

    proptest! {
        #[test]
        fn a_refusal_changes_nothing_and_a_fact_is_one_version(
            commands in proptest::collection::vec(commands(), 1..20),
        ) {
            let mut working = Working::default();
            for command in &commands {
                let before = working.clone();
                let version = before.known(ID).map_or(0, |offering| offering.version);
                let decision = decide(&mut working, command, Timestamp::UNIX_EPOCH);
                match (decision.told, decision.happened) {
                    (told, None) => {
                        prop_assert_eq!(&working, &before);
                        prop_assert_eq!(told.map_or(version, |offering| offering.version), version);
                    }
                    (told, Some(fact)) => {
                        let offering = told.unwrap();
                        prop_assert_eq!(offering.version, version + 1);
                        prop_assert_eq!(version == 0, fact == Fact::Published);
                        prop_assert_eq!(offering.status == Status::Retired, fact == Fact::Retired);
                        prop_assert_eq!(working.known(ID), Ok(offering));
                    }
                }
            }
        }
    }
}
