// What guests do with bookings: publish (the host), book until the outcome is known, look again, cancel.

import exec from 'k6/execution';
import { check, sleep } from 'k6';
import { Counter, Trend } from 'k6/metrics';
import { get, json, outcome, post, postTwice, until, waitAsTold } from './rest.js';
import { cancelled, stands } from './ledger.js';
import { runId } from './settings.js';
import { transaction } from './measure.js';

/** Who has no clear answer after this time has found a bug. */
const OUTCOME_SECONDS_MAX = 60;
/** A confirmation that takes longer has been lost. */
const SETTLED_SECONDS_MAX = 90;
const SETTLED_PAUSE_SECONDS = 0.3;
/** Each so many-th booking is read again at once. */
const READ_AGAIN_EACH = 20;

const settled = new Trend('settled_ms', true);
const standing = new Counter('standing');

/** A business of this run's own with its offerings, ready to be booked; to be returned by `setup`. */
export function opened(offerings) {
  const id = runId();
  const run = { id, business: `k6-${id}`, offerings: [] };
  for (const offering of offerings) run.offerings.push(published(run, offering));
  for (const path of run.offerings.reduce((all, offering) => all.concat(known(offering)), [])) {
    if (!until(60, 0.1, () => get(path, 'GET (is it known?)').status === 200)) throw new Error(`nobody knows ${path}`);
  }
  return run;
}

/** What answers 200 as soon as those who take bookings of the offering have heard of it. */
function known({ id, kind }) {
  if (kind === 'line') return [`/lines/${id}`, `/floors/${id}`];
  return [`/availability?offering_id=${id}&from=${day(0)}&to=${day(1)}`];
}

/** Publishes one offering; what is needed of it afterwards. */
function published(run, offering) {
  const body = Object.assign({ business: run.business, timezone: 'Asia/Seoul', price: { amount: 120000, currency: 'KRW' } }, offering);
  const answer = until(60, 0.5, () => {
    const answer = post('/offerings', body, 'POST /offerings', `${run.id}-${run.offerings.length}`);
    // A body or a token that is not accepted will not be later.
    return answer.status >= 200 && answer.status < 429 && answer;
  });
  if (!answer || answer.status !== 201) throw new Error(`POST /offerings: ${answer ? answer.body : 'no answer'}`);
  const id = json(answer).id;
  return { id, kind: body.kind, units: body.units };
}

/** A guest whom this run has once. */
export function guest(run) {
  return `${run.id}-${exec.scenario.name}-${exec.vu.idInTest}-${exec.vu.iterationInInstance}`;
}

/**
 * Books under one key until the outcome is known: `{ status, id, version, tries }`, where `status` is the reservation's,
 * or `refused`, `shed` or `unknown`. What is shed is tried again `patience` times.
 */
export function book(run, wish, { patience = 5, twice = false } = {}) {
  const begun = Date.now();
  const name = guest(run);
  const body = Object.assign({ guest_id: name, payment_method: 'card-ok', quantity: 1 }, wish);
  for (let tries = 1, shed = 0; ; tries += 1) {
    const answers = twice && tries === 1 ? postTwice('/reservations', body, 'POST /reservations', name)
      : [post('/reservations', body, 'POST /reservations', name)];
    const outcomes = answers.map(transaction);
    const ids = new Set(answers.filter((_, index) => outcomes[index] === 'successful').map((answer) => json(answer).id));
    if (ids.size > 0 && answers.length > 1) check(ids, { 'one key makes one booking': () => ids.size === 1 });
    const clear = answers.find((_, index) => outcomes[index] === 'successful') || answers[0];
    const seen = outcome(clear);
    if (seen === 'successful') return told(body, json(clear), tries, begun);
    if (seen === 'refused') return { status: 'refused', tries, answer: clear };
    shed += seen === 'shed' ? 1 : 0;
    const unclear = seen === 'failed' || clear.status === 409;
    if (!unclear && shed > patience) return { status: 'shed', tries, answer: clear };
    if (Date.now() - begun > OUTCOME_SECONDS_MAX * 1000) {
      check(clear, { 'the outcome of every booking is known': () => !unclear });
      return { status: 'unknown', tries, answer: clear };
    }
    waitAsTold(clear);
  }
}

/** Follows what was accepted to its final state, and enters it into the books. */
function told(wish, accepted, tries, begun) {
  let { id, status, total } = accepted;
  if (status === 'held') {
    const final = until(SETTLED_SECONDS_MAX, SETTLED_PAUSE_SECONDS, () => {
      const seen = json(get(`/reservations/${id}`, 'GET /reservations/{id}'));
      return seen.status && seen.status !== 'held' && seen;
    });
    check(final, { 'every hold is settled': (final) => final !== null });
    status = final ? final.status : 'held';
    settled.add(Date.now() - begun);
  }
  if (status !== 'confirmed') return { status, id, tries };
  standing.add(1);
  stands(id, total.amount);
  if (exec.vu.iterationInInstance % READ_AGAIN_EACH === 0) readAgain(wish, id);
  return { status, id, tries, total: total.amount };
}

/** What was told to stand is there, as it was asked for. */
function readAgain(wish, id) {
  const answer = get(`/reservations/${id}`, 'GET /reservations/{id}');
  if (outcome(answer) === 'shed') return;
  const seen = json(answer);
  check(seen, {
    'a booking is found again as it was asked for': () =>
      seen.status === 'confirmed' && seen.guest_id === wish.guest_id && seen.offering_id === wish.offering_id
      && seen.quantity === wish.quantity,
  });
}

/** Cancels what stands, until it is known. */
export function cancel(booking) {
  const answer = until(OUTCOME_SECONDS_MAX, 0.3, () => {
    const answer = post(`/reservations/${booking.id}/cancel`, null, 'POST /reservations/{id}/cancel');
    return ['successful', 'refused'].includes(transaction(answer)) && answer;
  });
  check(answer, { 'who stands may cancel': (answer) => answer !== null && answer.status === 200 });
  if (answer && answer.status === 200) {
    standing.add(-1);
    cancelled(booking.id, booking.total, json(answer).keep);
  }
}

/** The day so many days after the first one that is sold. */
export function day(index) {
  return new Date(Date.UTC(2027, 4, 1 + index)).toISOString().slice(0, 10);
}

/** One of them by chance. */
export function anyOf(list) {
  return list[Math.floor(Math.random() * list.length)];
}

/** A moment of a guest's own, in seconds. */
export function think(seconds) {
  sleep(seconds * (0.5 + Math.random()));
}
