// The on-sale: one performance, ten buyers for each seat, all at once; each sends one request under one key until the
// answer is final, and one in seven loses patience and sends it twice. Exactly as many are sold as there are seats.

import { CORRECT } from './lib/ledger.js';
import { PATIENT, guests } from './lib/settings.js';
import { book, opened } from './lib/booking.js';
import { check } from 'k6';
import exec from 'k6/execution';
import { json } from './lib/rest.js';
import { summary } from './lib/summary.js';
import { verified } from './lib/checks.js';

const SEATS = guests(1000, 20);
const BUYERS = 10 * SEATS;
const IMPATIENT_EACH = 7;
/** A buyer does not give up. */
const PATIENCE = 1000;

export const options = Object.assign({}, PATIENT.options, {
  scenarios: {
    onsale: { executor: 'shared-iterations', vus: guests(500), iterations: BUYERS, maxDuration: '10m', gracefulStop: PATIENT.gracefulStop },
  },
  thresholds: Object.assign({}, CORRECT, { standing: [`count==${SEATS}`] }),
});

export function setup() {
  return opened([{
    name: 'Opening night', kind: 'seats', units: SEATS, payment: 'prepay', starts_at: '2027-06-01T10:00:00Z',
  }]);
}

export default function (run) {
  const twice = exec.scenario.iterationInTest % IMPATIENT_EACH === 0;
  const seen = book(run, { offering_id: run.offerings[0].id }, { patience: PATIENCE, twice });
  check(seen, {
    'every buyer has a seat or knows that it is sold out': () =>
      seen.status === 'confirmed' || (seen.status === 'refused' && json(seen.answer).type === '/problems/sold-out'),
  });
}

export function teardown(run) {
  const rows = verified(run).filter((row) => row.status === 'confirmed');
  check(rows, { 'every seat is sold once': () => rows.length === SEATS });
}

export const handleSummary = summary('onsale');
