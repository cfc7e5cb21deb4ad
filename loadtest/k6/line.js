// A restaurant's walk-in line: parties join, sit down at once or wait for their number, stay a moment and leave; some give
// up. Nobody is forgotten, no number is given twice, and board, line and floor agree that the store is empty again.

import { CORRECT_LINE, compared, numberGiven, numbersFound, partiesGaveUp, partiesLeft } from './lib/ledger.js';
import { PATIENT, guests, seconds } from './lib/settings.js';
import { check } from 'k6';
import exec from 'k6/execution';
import { get, json, outcome, post, until, waitAsTold } from './lib/rest.js';
import { guest, opened, think } from './lib/booking.js';
import { summary } from './lib/summary.js';
import { transaction } from './lib/measure.js';

const SEATS = guests(40, 8);
const PARTY_MAX = 4;
const IMPATIENT_EACH = 10;
const LOOK_EACH = 10;
/** A party that waits longer has been forgotten. */
const WAIT_SECONDS_MAX = 90;
const PAUSE_SECONDS = 0.3;

export const options = Object.assign({}, PATIENT.options, {
  scenarios: {
    line: {
      // Twice as many people as seats.
      executor: 'constant-vus', vus: guests(32, 6), duration: `${seconds(60, 5)}s`, gracefulStop: PATIENT.gracefulStop,
    },
  },
  thresholds: Object.assign({}, CORRECT_LINE, { available: ['rate>=0.99'], refused: ['count==0'] }),
});

export function setup() {
  // A number belongs to a service day: none begins within twelve hours.
  const opens = new Date(Date.now() + 12 * 3600 * 1000).toISOString().slice(11, 16);
  return opened([{
    name: 'Noodle house', kind: 'line', units: SEATS, timezone: 'UTC', payment: 'none',
    price: { amount: 0, currency: 'KRW' }, line: { day_starts_at: opens },
  }]);
}

export default function (run) {
  const [{ id: line }] = run.offerings;
  const size = 1 + Math.floor(Math.random() * PARTY_MAX);
  const joined = insist('/tickets', { offering_id: line, guest_id: guest(run), party_size: size }, 'POST /tickets', guest(run));
  check(joined, { 'nobody is sent away': (joined) => joined !== null });
  if (!joined) return;
  let party = until(WAIT_SECONDS_MAX, PAUSE_SECONDS, () => has(joined.id, ['waiting', 'called', 'seated']));
  if (party && party.number) numberGiven(party.number);
  if (exec.vu.iterationInInstance % LOOK_EACH === 0) look(line);
  if (party && party.status === 'waiting' && exec.vu.iterationInInstance % IMPATIENT_EACH === 1) {
    insist(`/tickets/${joined.id}/cancel`, null, 'POST /tickets/{id}/cancel');
    partiesGaveUp(1);
    return;
  }
  party = until(WAIT_SECONDS_MAX, PAUSE_SECONDS, () => has(joined.id, ['called', 'seated']));
  check(party, { 'everybody is called': (party) => party !== null });
  if (!party) return;
  if (party.status === 'called') insist(`/tickets/${joined.id}/seat`, null, 'POST /tickets/{id}/seat');
  think(0.5);
  insist(`/floors/${line}/parties/${joined.id}/leave`, null, 'POST /floors/{id}/parties/{id}/leave');
  const left = until(WAIT_SECONDS_MAX, PAUSE_SECONDS, () => has(joined.id, ['left']));
  check(left, { 'who left has left': (left) => left !== null });
  partiesLeft(1);
}

/** Asks until the answer is clear; the body of a success, else null. */
function insist(path, body, name, key) {
  const answer = until(WAIT_SECONDS_MAX, 0.01, () => {
    const answer = post(path, body, name, key);
    const seen = transaction(answer);
    if (seen === 'successful' || (seen === 'refused' && answer.status !== 404)) return answer;
    waitAsTold(answer);
    return null;
  });
  return answer && outcome(answer) === 'successful' ? json(answer) : null;
}

/** The ticket, if it has one of these statuses. */
function has(id, statuses) {
  const ticket = json(get(`/tickets/${id}`, 'GET /tickets/{id}'));
  return statuses.includes(ticket.status) && ticket;
}

/** What the host sees in the midst of it. */
function look(line) {
  const board = json(get(`/lines/${line}`, 'GET /lines/{id}'));
  const numbers = (board.tickets || []).map((ticket) => ticket.number).filter((number) => number);
  const floor = json(get(`/floors/${line}`, 'GET /floors/{id}'));
  check(board, {
    'no number stands twice in the line, and they rise': () => numbers.every((number, index) => index === 0 || number > numbers[index - 1]),
    'nobody sits on a seat that is not there': () => floor.free >= 0 && floor.taken + floor.free === SEATS,
  });
}

export function teardown(run) {
  const [{ id: line }] = run.offerings;
  const last = lastNumber(run, line);
  const seen = until(WAIT_SECONDS_MAX, PAUSE_SECONDS, () => {
    const board = json(get(`/lines/${line}`, 'GET /lines/{id}'));
    const shown = json(get(`/dashboard/lines/${line}`, 'GET /dashboard/lines/{id}'));
    const floor = json(get(`/floors/${line}`, 'GET /floors/{id}'));
    if (!board.counts || !shown.day || shown.lag !== 0) return null;
    const { left = 0, cancelled = 0, ...present } = board.counts;
    const parties = shown.day.parties;
    const agrees = Object.keys(present).length === 0 && board.free === SEATS && floor.free === SEATS
      && shown.seats.free === SEATS && parties.left.parties === left && parties.cancelled.parties === cancelled;
    return agrees && { left, cancelled };
  });
  check(last, { 'the store was full at times': (last) => last > 0 });
  check(seen, { 'board, line and floor agree, and the store is empty': (seen) => seen !== null });
  if (seen && last !== null) {
    // The two parties of the check itself are among them.
    partiesLeft(-(seen.left - 1));
    partiesGaveUp(-(seen.cancelled - 1));
    numbersFound(last);
    compared();
  }
}

/** How many numbers were given: one less than the next party is given, while another has all the seats. */
function lastNumber(run, line) {
  const join = (size, who) => {
    const wish = { offering_id: line, guest_id: `${run.id}-${who}`, party_size: size };
    return insist('/tickets', wish, 'POST /tickets', `${run.id}-${who}`);
  };
  const host = join(SEATS, 'host');
  const seated = host && until(WAIT_SECONDS_MAX, PAUSE_SECONDS, () => has(host.id, ['seated']));
  const next = seated && join(1, 'next');
  const waits = next && until(WAIT_SECONDS_MAX, PAUSE_SECONDS, () => has(next.id, ['waiting']));
  check(waits, { 'an empty store seats one party and lets the next one wait': (waits) => Boolean(waits) });
  if (!waits) return null;
  insist(`/tickets/${next.id}/cancel`, null, 'POST /tickets/{id}/cancel');
  insist(`/floors/${line}/parties/${host.id}/leave`, null, 'POST /floors/{id}/parties/{id}/leave');
  return waits.number - 1;
}

export const handleSummary = summary('line');
