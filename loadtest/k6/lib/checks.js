// The correctness check: what REST says of this run's business, once every view has caught up.

import { check } from 'k6';
import { get, json, until } from './rest.js';
import { compared, keptFound, stands } from './ledger.js';
import { day } from './booking.js';

/** Longer behind than this is not behind but wrong. */
const AGREED_SECONDS_MAX = 120;
const AGREED_PAUSE_SECONDS = 0.5;
/** Rows of one page of the business's list. */
const PAGE_ROWS = 5000;
const PAGES_MAX = 1000;
/** Nights beyond this are not sold by any script. */
export const NIGHTS_MAX = 90;
/** Payments asked for one by one. */
const PAYMENTS_MAX = 50;
/** Statuses that keep their units. */
const STANDING = ['held', 'confirmed', 'checked_in', 'completed'];

/**
 * Fails the run unless capacity, reservations and money agree; to be called by `teardown`.
 * The run's ledger takes away what is found, so that its thresholds say whether that is what guests were told.
 */
export function verified(run) {
  let faults = ['never looked'];
  let rows = [];
  const agreed = until(AGREED_SECONDS_MAX, AGREED_PAUSE_SECONDS, () => {
    if (!settled(run)) {
      faults = ['the views never caught up'];
      return false;
    }
    rows = listed(run);
    faults = faultsOf(run, rows);
    return faults.length === 0;
  });
  for (const fault of faults.slice(0, 10)) console.error(`wrong after ${AGREED_SECONDS_MAX} s: ${fault}`);
  check(agreed, { 'capacity, reservations and money agree': (agreed) => agreed === true });
  const confirmed = rows.filter((row) => row.status === 'confirmed');
  check(confirmed, { 'every captured payment is found at payment': () => paid(confirmed) });
  for (const row of rows) {
    if (row.status === 'confirmed') stands(row.id, row.net, -1);
    else keptFound(row.net);
  }
  compared();
  return rows;
}

/** Whether dashboard has read everything and nobody waits for money. */
function settled(run) {
  const body = json(get(`/dashboard/businesses/${run.business}?limit=1`, 'GET /dashboard/businesses/{business}'));
  return body.lag === 0 && body.totals !== undefined && !body.totals.reservations.held;
}

/** Every reservation of the business. */
function listed(run) {
  const rows = [];
  let cursor = '';
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const path = `/dashboard/businesses/${run.business}/bookings.csv?limit=${PAGE_ROWS}&cursor=${cursor}`;
    const answer = get(path, 'GET /dashboard/businesses/{business}/bookings.csv');
    const [head, ...lines] = String(answer.body || '').trim().split(/\r?\n/);
    const names = head.replace(/^\ufeff/, '').split(',');
    // No name of this run has a comma or a quote in it.
    for (const line of lines) rows.push(row(names, line.split(',')));
    const next = /cursor=([0-9a-f]+)/.exec(answer.headers.Link || '');
    if (!next) return rows;
    cursor = next[1];
  }
  throw new Error(`more than ${PAGES_MAX} pages of reservations`);
}

function row(names, cells) {
  const of = (name) => cells[names.indexOf(name)];
  const number = (name) => Number(of(name) || 0);
  return {
    id: of('id'), status: of('status'), offering: of('offering_id'), from: of('from'), to: of('to'),
    quantity: number('quantity'), total: number('total'), net: number('captured') - number('refunded'),
  };
}

/** What does not fit together, in words. */
function faultsOf(run, rows) {
  const faults = rows.map(faultOf).filter((fault) => fault !== null);
  for (const offering of run.offerings) {
    const sold = soldOf(offering, rows.filter((row) => row.offering === offering.id && STANDING.includes(row.status)));
    const path = `/availability?offering_id=${offering.id}&from=${day(0)}&to=${day(NIGHTS_MAX)}`;
    const { buckets } = json(get(path, 'GET /availability'));
    if (!buckets) faults.push(`no availability of ${offering.id}`);
    for (const { bucket, free } of buckets || []) {
      const taken = sold[offering.kind === 'nights' ? bucket : ''] || 0;
      if (taken > offering.units) faults.push(`${offering.id} ${bucket}: ${taken} sold of ${offering.units}`);
      if (offering.units - free !== taken) {
        faults.push(`${offering.id} ${bucket}: ${offering.units - free} taken and ${taken} sold`);
      }
    }
  }
  return faults;
}

/** What stands is paid in full, what was never confirmed costs nothing, and of what is cancelled a fee may stay. */
function faultOf({ id, status, net, total }) {
  const fine = {
    confirmed: net === total, rejected: net === 0, expired: net === 0, cancelled: net >= 0 && net <= total,
  }[status];
  return fine ? null : `${id} is ${status}, and ${net} of ${total} is paid`;
}

/** Units that rows take in each bucket; seats have one bucket, named ''. */
function soldOf(offering, rows) {
  const sold = {};
  for (const { from, to, quantity } of rows) {
    if (offering.kind !== 'nights') {
      sold[''] = (sold[''] || 0) + quantity;
      continue;
    }
    for (let at = Date.parse(from); at < Date.parse(to); at += 86400000) {
      const night = new Date(at).toISOString().slice(0, 10);
      sold[night] = (sold[night] || 0) + quantity;
    }
  }
  return sold;
}

/** Whether payment, asked itself, has the money of some of them, from the first to the last. */
function paid(rows) {
  const step = Math.max(1, Math.floor(rows.length / PAYMENTS_MAX));
  return rows.filter((_, index) => index % step === 0).every((row) => {
    const answer = until(30, 0.5, () => {
      const answer = get(`/payments?reservation_id=${row.id}`, 'GET /payments');
      return answer.status === 200 && answer;
    });
    const payments = answer ? json(answer).payments : [];
    return payments.length === 1 && payments[0].captured - payments[0].refunded === row.total;
  });
}
