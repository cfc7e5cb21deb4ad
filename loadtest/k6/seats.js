// Seats that are paid later: 100 guests for a minute, then 200 for two, each waiting for the confirmation.

import { CORRECT } from './lib/ledger.js';
import { PATIENT, guests, seconds } from './lib/settings.js';
import { anyOf, book, opened } from './lib/booking.js';
import { check } from 'k6';
import { summary } from './lib/summary.js';
import { verified } from './lib/checks.js';

const PERFORMANCES = 10;

const stage = (vus, length, start) => ({
  executor: 'constant-vus', vus: guests(vus), duration: `${length}s`, startTime: `${start}s`,
  gracefulStop: PATIENT.gracefulStop,
});

export const options = Object.assign({}, PATIENT.options, {
  scenarios: {
    evening: stage(100, seconds(60), 0),
    rush: stage(200, seconds(120), seconds(60)),
  },
  thresholds: Object.assign({}, CORRECT, {
    available: ['rate>=0.99'], refused: ['count==0'], standing: ['count>=1'],
  }),
});

export function setup() {
  return opened(Array.from({ length: PERFORMANCES }, (_, index) => ({
    name: `Performance ${index + 1}`, kind: 'seats', units: 1000000, payment: 'settle_later',
    starts_at: `2027-06-0${1 + (index % 9)}T10:00:00Z`,
  })));
}

export default function (run) {
  const seen = book(run, { offering_id: anyOf(run.offerings).id, quantity: 1 + Math.floor(Math.random() * 4) });
  check(seen, { 'a seat that was accepted is confirmed': () => seen.status === 'confirmed' || seen.status === 'shed' });
}

export function teardown(run) {
  verified(run);
}

export const handleSummary = summary('seats');
