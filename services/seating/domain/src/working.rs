//! The working set: the floors and parties that a batch loaded, and what its decisions changed.

use crate::command::Refusal;
use crate::floor::{Floor, Store};
use crate::party::{Party, Standing, State};
use kernel::{OfferingId, TicketId};
use std::collections::BTreeMap;

/// Something that the store holds, or does not hold yet.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept<T> {
    loaded: Option<T>,
    now: T,
}

/// Floors and parties that a batch names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Working {
    floors: BTreeMap<OfferingId, Kept<Floor>>,
    parties: BTreeMap<TicketId, Kept<Party>>,
}

impl Working {
    /// Adds a floor that the store holds.
    pub fn load_floor(&mut self, floor: Floor) {
        self.floors.insert(floor.store.offering, Kept { loaded: Some(floor.clone()), now: floor });
    }

    /// Adds a party that the store holds.
    pub fn load_party(&mut self, party: Party) {
        self.parties.insert(party.ticket, Kept { loaded: Some(party.clone()), now: party });
    }

    #[must_use]
    pub fn floor(&self, offering: OfferingId) -> Option<&Floor> {
        self.floors.get(&offering).map(|kept| &kept.now)
    }

    #[must_use]
    pub fn party(&self, ticket: TicketId) -> Option<&Party> {
        self.parties.get(&ticket).map(|kept| &kept.now)
    }

    /// Every party, in key order.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        self.parties.values().map(|kept| &kept.now)
    }

    /// Floors to insert, in key order.
    pub fn new_floors(&self) -> impl Iterator<Item = &Floor> {
        created(&self.floors)
    }

    /// Floors to update, in key order, each with the seats and changes to add to what the store holds.
    pub fn changed_floors(&self) -> impl Iterator<Item = (&Floor, i64, i64)> {
        changed(&self.floors).map(|(loaded, now)| (now, now.taken - loaded.taken, now.changes - loaded.changes))
    }

    /// Parties to insert, in key order.
    pub fn new_parties(&self) -> impl Iterator<Item = &Party> {
        created(&self.parties)
    }

    /// Parties to update, in key order.
    pub fn changed_parties(&self) -> impl Iterator<Item = &Party> {
        changed(&self.parties).map(|(_, now)| now)
    }

    /// How a party and its floor stand now.
    pub(crate) fn standing(&self, party: Party) -> Result<Standing, Refusal> {
        let floor = self.floor(party.offering).ok_or(Refusal::FloorNotFound)?;
        Ok(Standing { free: floor.free(), floor_version: floor.version(), party })
    }

    /// Takes over `store` if it is newer than what is known.
    pub(crate) fn adopt(&mut self, store: &Store) {
        let new = || Kept { loaded: None, now: Floor::new(store.clone()) };
        let kept = self.floors.entry(store.offering).or_insert_with(new);
        if kept.now.store.version < store.version {
            kept.now.store = store.clone();
        } else if kept.now.store.business.is_none() {
            // Whose it is holds for all versions: a floor from before owners were kept learns it by any of them.
            kept.now.store.business.clone_from(&store.business);
        }
    }

    /// Remembers that the claim with that number was decided.
    pub(crate) fn decided(&mut self, offering: OfferingId, number: i64) {
        if let Some(kept) = self.floors.get_mut(&offering) {
            kept.now.last_claim = number;
        }
    }

    /// Lets a new party take its seats.
    pub(crate) fn seat(&mut self, party: Party) -> Result<Standing, Refusal> {
        self.turn(party.party_size, party)
    }

    /// Gives a seated party's seats back.
    pub(crate) fn free(&mut self, party: Party, state: State) -> Result<Standing, Refusal> {
        self.turn(-party.party_size, Party { state, ..party })
    }

    fn turn(&mut self, seats: i64, party: Party) -> Result<Standing, Refusal> {
        let kept = self.floors.get_mut(&party.offering).ok_or(Refusal::FloorNotFound)?;
        kept.now.change(seats);
        self.note(party.clone());
        self.standing(party)
    }

    /// Keeps a party as it stands, whether or not it was known.
    pub(crate) fn note(&mut self, party: Party) {
        let loaded = self.parties.get(&party.ticket).and_then(|kept| kept.loaded.clone());
        self.parties.insert(party.ticket, Kept { loaded, now: party });
    }
}

fn created<K, T>(kept: &BTreeMap<K, Kept<T>>) -> impl Iterator<Item = &T> {
    kept.values().filter(|kept| kept.loaded.is_none()).map(|kept| &kept.now)
}

fn changed<K, T: PartialEq>(kept: &BTreeMap<K, Kept<T>>) -> impl Iterator<Item = (&T, &T)> {
    kept.values()
        .filter_map(|kept| kept.loaded.as_ref().map(|loaded| (loaded, &kept.now)))
        .filter(|(was, is)| was != is)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{World, offering};

    #[test]
    fn only_a_newer_version_is_adopted() {
        let mut world = World::with(6);
        world.resize(3, 8);
        world.resize(2, 2);
        world.resize(3, 3);
        let floor = world.working.floor(offering()).unwrap();
        assert_eq!((floor.store.version, floor.store.units), (3, 8));
    }

    #[test]
    fn the_store_is_told_what_changed_and_nothing_else() {
        let mut first = World::with(9);
        for (number, size) in [(1, 4), (2, 2), (3, 1)] {
            first.claim(number, size).unwrap();
        }
        assert_eq!((first.working.new_floors().count(), first.working.new_parties().count()), (1, 3));
        assert_eq!((first.working.changed_floors().count(), first.working.changed_parties().count()), (0, 0));

        let mut next = World::default();
        next.working.load_floor(first.working.floor(offering()).unwrap().clone());
        first.working.parties().for_each(|party| next.working.load_party(party.clone()));
        assert_eq!(next.working.changed_floors().count(), 0);
        next.leave(1).unwrap();
        assert!(next.ask(4, 3, 7).happened.is_some());
        let floor = next.working.floor(offering()).unwrap();
        assert_eq!(next.working.changed_floors().collect::<Vec<_>>(), [(floor, -1, 2)]);
        assert_eq!((floor.last_claim, next.working.new_floors().count()), (7, 0));
        let sizes = |parties: Vec<&Party>| parties.iter().map(|party| party.party_size).collect::<Vec<_>>();
        assert_eq!(sizes(next.working.changed_parties().collect()), [4]);
        assert_eq!(sizes(next.working.new_parties().collect()), [3]);
    }
}
