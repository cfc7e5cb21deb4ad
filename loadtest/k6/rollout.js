// 100 bookings arrive each second, whatever happens, while somebody restarts reservation pod by pod: each must be
// answered 201 at the first try. To be run through the one entry (`BASE_URL`), which knows which pods are ready.

import { CORRECT } from './lib/ledger.js';
import { PATIENT, guests, seconds } from './lib/settings.js';
import { anyOf, book, day, opened } from './lib/booking.js';
import { check } from 'k6';
import { summary } from './lib/summary.js';
import { verified } from './lib/checks.js';

const ROOMS = 10;
const PER_SECOND = guests(100, 10);

export const options = Object.assign({}, PATIENT.options, {
  scenarios: {
    rollout: {
      executor: 'constant-arrival-rate', rate: PER_SECOND, timeUnit: '1s', duration: `${seconds(60, 5)}s`,
      // k6 adds one guest at a time; those who wait a moment for a slow answer are there from the beginning.
      preAllocatedVUs: 6 * PER_SECOND, maxVUs: 10 * PER_SECOND, gracefulStop: PATIENT.gracefulStop,
    },
  },
  thresholds: Object.assign({}, CORRECT, {
    available: ['rate==1'], refused: ['count==0'], dropped_iterations: ['count==0'], standing: ['count>=1'],
  }),
});

export function setup() {
  const room = (_, index) => ({ name: `Room ${index + 1}`, kind: 'nights', units: 1000000, payment: 'prepay' });
  return opened(Array.from({ length: ROOMS }, room));
}

export default function (run) {
  const from = Math.floor(Math.random() * 30);
  const seen = book(run, { offering_id: anyOf(run.offerings).id, from: day(from), to: day(from + 1) });
  check(seen, { 'booked at the first try': () => seen.status === 'confirmed' && seen.tries === 1 });
}

export function teardown(run) {
  verified(run);
}

export const handleSummary = summary('rollout');
