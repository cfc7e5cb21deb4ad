// Prepaid bookings while somebody slows payment and stops it. Nobody is told "confirmed" without money, nobody pays for
// nothing, and who cannot be served is told so at once. Cutting payment off is up to whoever runs this script.

import { CORRECT } from './lib/ledger.js';
import { PATIENT, guests, seconds } from './lib/settings.js';
import { anyOf, book, day, opened, think } from './lib/booking.js';
import { summary } from './lib/summary.js';
import { verified } from './lib/checks.js';
import { waitAsTold } from './lib/rest.js';

const ROOMS = 5;

export const options = Object.assign({}, PATIENT.options, {
  scenarios: {
    breaker: {
      executor: 'constant-vus', vus: guests(100), duration: `${seconds(120, 12)}s`, gracefulStop: PATIENT.gracefulStop,
    },
  },
  // An outage may take any share of the time; what it may not do is lie.
  thresholds: Object.assign({}, CORRECT, { refused: ['count==0'], standing: ['count>=1'] }),
});

export function setup() {
  const room = (_, index) => ({
    name: `Room ${index + 1}`, kind: 'nights', units: 1000000, payment: 'prepay', on_payment_outage: 'refuse',
  });
  return opened(Array.from({ length: ROOMS }, room));
}

export default function (run) {
  const seen = book(run, { offering_id: anyOf(run.offerings).id, from: day(0), to: day(1) }, { patience: 1 });
  if (seen.status === 'shed') waitAsTold(seen.answer);
  else think(0.1);
}

export function teardown(run) {
  verified(run);
}

export const handleSummary = summary('breaker');
