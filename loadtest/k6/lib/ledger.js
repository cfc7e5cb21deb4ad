// What guests were told, held against what REST knows afterwards.
//
// VUs share no memory with the teardown, but metrics are summed over all of them: each VU adds what it was told, the
// teardown takes away what it finds, and nothing may remain. The sum of fingerprints tells one reservation from another,
// so that a lost one does not hide behind one that nobody asked for.

import { Counter } from 'k6/metrics';

const reservations = new Counter('ledger_reservations');
const fingerprints = new Counter('ledger_fingerprints');
const money = new Counter('ledger_money');
const left = new Counter('ledger_left');
const gaveUp = new Counter('ledger_gave_up');
const numbers = new Counter('ledger_numbers');
const numbered = new Counter('ledger_numbered');
const verified = new Counter('verified');

/** A run is correct if every check holds, the books were compared, and nothing remains in them. */
export const CORRECT = {
  checks: ['rate==1'],
  verified: ['count==1'],
  failed: ['count==0'],
  ledger_reservations: ['count==0'],
  ledger_fingerprints: ['count==0'],
  ledger_money: ['count==0'],
};

/** The same of a line. */
export const CORRECT_LINE = {
  checks: ['rate==1'],
  verified: ['count==1'],
  failed: ['count==0'],
  ledger_left: ['count==0'],
  ledger_gave_up: ['count==0'],
  ledger_numbers: ['count==0'],
  ledger_numbered: ['count==0'],
};

/** A guest was told that the reservation stands, or (`sign` −1) it was found. */
export function stands(id, net, sign = 1) {
  reservations.add(sign);
  fingerprints.add(sign * fingerprint(id));
  money.add(sign * net);
}

/** A guest was told that a reservation that stood is cancelled, and what the business keeps of it. */
export function cancelled(id, net, keep) {
  stands(id, net, -1);
  money.add(keep);
}

/** Money that the business has of a reservation that does not stand was found. */
export function keptFound(keep) {
  money.add(-keep);
}

/** So many parties left after their stay, or (negative) were found to have left. */
export function partiesLeft(count) {
  left.add(count);
}

/** So many parties gave up their place, or (negative) were found to have done so. */
export function partiesGaveUp(count) {
  gaveUp.add(count);
}

/** A party was told its number. */
export function numberGiven(number) {
  numbered.add(1);
  numbers.add(mixed(number));
}

/** Numbers 1 to `last` were found to be given. */
export function numbersFound(last) {
  numbered.add(-last);
  for (let number = 1; number <= last; number += 1) numbers.add(-mixed(number));
}

/** The books were compared to the end. */
export function compared() {
  verified.add(1);
}

/** The random end of an id; a million of them add up exactly. */
function fingerprint(id) {
  return parseInt(id.slice(-8), 16);
}

/** Spreads small numbers, so that two wrong ones do not add up to two right ones. */
function mixed(number) {
  let value = Math.imul(number ^ (number >>> 16), 0x45d9f3b);
  value = Math.imul(value ^ (value >>> 13), 0x119de1f3);
  return (value ^ (value >>> 16)) >>> 0;
}
