//! Seating decides, and what it says happened is checked: no seat over capacity, every seat given back once.

use crate::agenda::Item;
use crate::tickets::short;
use crate::world::World;
use seating_domain::{Command, Refusal, Standing, State, Told, Transition, decide};
use waitlist_domain::{Floor, Outcome};

impl World {
    /// Seating decides a command in a transaction of its own; its event is sent.
    pub fn seat(&mut self, store: usize, command: Command) -> Result<Told, Refusal> {
        let decision = decide(&mut self.seating, &command, self.now);
        self.story.tell(self.now, format!("  seating {} -> {}", asked(&command), told(&decision.told)));
        match &decision.happened {
            Some((transition, standing)) => self.told_by_seating(store, *transition, standing),
            None => {
                let ticket = command.ticket().and_then(|ticket| self.seating.party(ticket));
                if matches!(command, Command::Release { .. })
                    && ticket.is_some_and(|party| party.state == State::Barred)
                {
                    self.note("barred");
                }
            }
        }
        let floor = self.seating.floor(self.stores[store].shop.id);
        if floor.is_some_and(|floor| floor.taken > floor.store.units) {
            self.note("overhang");
        }
        decision.told
    }

    fn told_by_seating(&mut self, store: usize, transition: Transition, standing: &Standing) {
        let Standing { party, free, floor_version } = standing;
        let units = self.seating.floor(party.offering).map_or(0, |floor| floor.store.units);
        let known = &mut self.stores[store];
        assert_eq!(known.shop.id, party.offering);
        let outcome = |floor| match transition {
            Transition::Seated => Outcome::Seated { floor },
            Transition::Freed => Outcome::Ended { floor: Some(floor) },
        };
        match transition {
            Transition::Seated => {
                known.taken += party.party_size;
                assert!(known.taken <= units, "{} of {units} seats are taken", known.taken);
                assert_eq!(party.version(), 1);
            }
            Transition::Freed => {
                known.taken -= party.party_size;
                assert_eq!(party.version(), 2);
            }
        }
        assert!(*floor_version > known.floor_version, "version {floor_version} after {}", known.floor_version);
        assert_eq!(*free, (units - known.taken).max(0), "what is told to be free");
        known.floor_version = *floor_version;
        let floor = Floor { free: *free, version: *floor_version };
        let settle = waitlist_domain::Command::Settle { ticket: party.ticket, outcome: outcome(floor) };
        self.send(store, Item::ToWaitlist(settle));
    }
}

fn asked(command: &Command) -> String {
    match command {
        Command::Adopt(store) => format!("adopt {} seats, version {}", store.units, store.version),
        Command::Claim(claim) => format!("claim {} for {} of {}", claim.number, short(claim.ticket), claim.party_size),
        Command::Leave { ticket, .. } => format!("leave {}", short(*ticket)),
        Command::Release { ticket, .. } => format!("release {}", short(*ticket)),
    }
}

fn told(told: &Result<Told, Refusal>) -> String {
    match told {
        Ok(Told::Stands { standing, repeated }) => {
            let Standing { party, free, floor_version } = standing;
            let (id, status) = (short(party.ticket), party.state.status());
            let again = if *repeated { " as before" } else { "" };
            format!("{id} {status}{again}, {free} free, version {floor_version}")
        }
        Ok(Told::NoRoom { free, floor_version }) => format!("no room, {free} free, version {floor_version}"),
        Ok(Told::Noted) => "noted".to_owned(),
        Err(refusal) => format!("refused: {refusal:?}"),
    }
}
