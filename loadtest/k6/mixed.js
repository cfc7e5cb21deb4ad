// A real day: of a hundred calls 70 search, 20 look at what is free, 8 book and 2 cancel. Nine of ten only look, as at
// every shop; and one booking in four is cancelled, which is the recorded hotel bookings' share (37 %) less those who
// cancel long afterwards. Rooms are few enough that some days sell out.

import { CORRECT } from './lib/ledger.js';
import { PATIENT, guests, seconds } from './lib/settings.js';
import { anyOf, book, cancel, day, opened, think } from './lib/booking.js';
import { check } from 'k6';
import { get, json } from './lib/rest.js';
import { summary } from './lib/summary.js';
import { transaction } from './lib/measure.js';
import { verified } from './lib/checks.js';

const WORDS = ['Harbor', 'Garden', 'Mountain', 'River', 'Palace'];
const ROOMS = 40;
const UNITS = 8;
const SEARCH = 70;
const LOOK = 20;
const BOOK = 8;

export const options = Object.assign({}, PATIENT.options, {
  scenarios: {
    mixed: {
      executor: 'constant-vus', vus: guests(100), duration: `${seconds(120, 5)}s`, gracefulStop: PATIENT.gracefulStop,
    },
  },
  thresholds: Object.assign({}, CORRECT, { available: ['rate>=0.99'], standing: ['count>=1'] }),
});

export function setup() {
  return opened(Array.from({ length: ROOMS }, (_, index) => ({
    name: `${WORDS[index % WORDS.length]} room ${index + 1}`, kind: 'nights', units: UNITS, payment: 'prepay',
    // Who cancels pays a part of it, so that kept money is counted too.
    cancellation: [{ before_hours: 0, refund_percent: 70 }],
  })));
}

/** What this guest has booked and may cancel. */
const mine = [];

export default function (run) {
  const wanted = Math.random() * 100;
  if (wanted < SEARCH) search(run);
  else if (wanted < SEARCH + LOOK) look(run);
  else if (wanted < SEARCH + LOOK + BOOK || mine.length === 0) reserve(run);
  else cancel(mine.shift());
  think(0.05);
}

function search(run) {
  const answer = get(`/offerings?business=${run.business}&q=${anyOf(WORDS)}&limit=20`, 'GET /offerings');
  if (transaction(answer) === 'shed') return;
  check(answer, { 'a search finds rooms': () => json(answer).offerings.length === ROOMS / WORDS.length });
}

function look(run) {
  const from = Math.floor(Math.random() * 60);
  const path = `/availability?offering_id=${anyOf(run.offerings).id}&from=${day(from)}&to=${day(from + 7)}`;
  const answer = get(path, 'GET /availability');
  if (transaction(answer) === 'shed') return;
  const free = (json(answer).buckets || []).map((bucket) => bucket.free);
  check(free, { 'a week shows what is free': () => free.length === 7 && free.every((free) => free >= 0 && free <= UNITS) });
}

function reserve(run) {
  const from = Math.floor(Math.random() * 60);
  const to = from + 1 + Math.floor(Math.random() * 4);
  const seen = book(run, { offering_id: anyOf(run.offerings).id, from: day(from), to: day(to) });
  if (seen.status === 'confirmed') mine.push(seen);
}

export function teardown(run) {
  verified(run);
}

export const handleSummary = summary('mixed');
