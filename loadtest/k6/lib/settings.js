// Where the platform is, who calls it, and how long and hard it is loaded: all from the environment.

const base = (__ENV.BASE_URL || 'http://127.0.0.1:8080').replace(/\/+$/, '');

/** Who answers a path, by its first part; reservation answers all others. */
const SERVICES = {
  offerings: 'CATALOG',
  payments: 'PAYMENT',
  tickets: 'WAITLIST',
  lines: 'WAITLIST',
  floors: 'SEATING',
  dashboard: 'DASHBOARD',
};

/** The URL of a path: through the one entry, or at the service's own address where `<SERVICE>_URL` names it. */
export function url(path) {
  const service = SERVICES[path.split(/[/?]/)[1]] || 'RESERVATION';
  return (__ENV[`${service}_URL`] || base).replace(/\/+$/, '') + path;
}

const durationScale = positive('DURATION_SCALE');
const vusScale = positive('VUS_SCALE');

/** A duration of the full shape, scaled, in whole seconds. */
export function seconds(full, least = 3) {
  return Math.max(Math.min(full, least), Math.round(full * durationScale));
}

/** A number of guests (or of arrivals per second) of the full shape, scaled. */
export function guests(full, least = 5) {
  return Math.max(Math.min(full, least), Math.round(full * vusScale));
}

/** What this run's business and keys are named by; asked once, in `setup`, since every VU evaluates this file. */
export function runId() {
  return __ENV.RUN_ID || `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
}

/** Of every script: whoever is inside when time is up finishes, and the books may take a while to be compared. */
export const PATIENT = {
  gracefulStop: '120s',
  options: {
    setupTimeout: '120s',
    teardownTimeout: '300s',
    summaryTrendStats: ['count', 'avg', 'min', 'max', 'p(50)', 'p(95)', 'p(99)'],
  },
};

function positive(name) {
  const number = Number(__ENV[name] || 1);
  if (!(number > 0)) throw new Error(`${name} must be a number above 0, and is "${__ENV[name]}"`);
  return number;
}
