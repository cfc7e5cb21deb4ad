// Prepaid bookings without a pause, as `siege -c255 -t180S` of one booking does it: how many, how fast, all of them true.

import { CORRECT } from './lib/ledger.js';
import { PATIENT, guests, seconds } from './lib/settings.js';
import { anyOf, book, day, opened } from './lib/booking.js';
import { summary } from './lib/summary.js';
import { verified } from './lib/checks.js';

const ROOMS = 20;
const NIGHTS = 60;

export const options = Object.assign({}, PATIENT.options, {
  scenarios: {
    booking: {
      executor: 'constant-vus', vus: guests(255), duration: `${seconds(180)}s`, gracefulStop: PATIENT.gracefulStop,
    },
  },
  thresholds: Object.assign({}, CORRECT, {
    available: ['rate>=0.99'], refused: ['count==0'], standing: ['count>=1'],
  }),
});

export function setup() {
  const room = (_, index) => ({ name: `Room ${index + 1}`, kind: 'nights', units: 1000000, payment: 'prepay' });
  return opened(Array.from({ length: ROOMS }, room));
}

export default function (run) {
  const from = Math.floor(Math.random() * NIGHTS);
  book(run, { offering_id: anyOf(run.offerings).id, from: day(from), to: day(from + 1 + Math.floor(Math.random() * 3)) });
}

export function teardown(run) {
  verified(run);
}

export const handleSummary = summary('booking');
