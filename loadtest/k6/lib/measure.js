// What is counted of each transaction: one measured request and its answer.

import { Counter, Gauge, Rate, Trend } from 'k6/metrics';
import { outcome } from './rest.js';

const took = new Trend('transaction_ms', true);
// Its least and its greatest value bound the time in which transactions ran.
const clock = new Gauge('transaction_clock_ms');
const available = new Rate('available');
const counters = {
  successful: new Counter('successful'),
  refused: new Counter('refused'),
  shed: new Counter('shed'),
  failed: new Counter('failed'),
};

/** Counts the answer of one transaction; its outcome. */
export function transaction(answer) {
  const now = Date.now();
  const milliseconds = answer.timings.duration + answer.timings.blocked + answer.timings.connecting;
  took.add(milliseconds);
  clock.add(now - milliseconds);
  clock.add(now);
  const seen = outcome(answer);
  counters[seen].add(1);
  available.add(seen === 'successful' || seen === 'refused');
  return seen;
}
