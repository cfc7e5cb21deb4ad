// Requests, each under a name that is bounded, and what an answer means to whoever counts it.

import http from 'k6/http';
import { sleep } from 'k6';
import { url } from './settings.js';

/** Longer than a service takes for anything. */
const ANSWER_SECONDS_MAX = 20;

/** Statuses by which the business says no to one request; nothing is wrong. */
const REFUSALS = [402, 404, 409, 410, 412, 422];

export function get(path, name) {
  return http.get(url(path), parameters(name));
}

export function post(path, body, name, key) {
  return http.post(url(path), body === null ? null : JSON.stringify(body), parameters(name, key));
}

/** The same request twice at the same moment, as from a guest who lost patience. */
export function postTwice(path, body, name, key) {
  const request = ['POST', url(path), JSON.stringify(body), parameters(name, key)];
  return http.batch([request, request]);
}

function parameters(name, key) {
  const headers = { 'Content-Type': 'application/json' };
  if (__ENV.TOKEN) headers.Authorization = `Bearer ${__ENV.TOKEN}`;
  if (key) headers['Idempotency-Key'] = key;
  return { headers, tags: { name }, timeout: `${ANSWER_SECONDS_MAX}s` };
}

/**
 * `successful`; `refused` by the business; `shed`: told honestly that nothing was done and when to come back
 * (429, or 503 or 409 with `Retry-After`, or 503 of a mesh that overflows); `failed`: anything else, or no answer, or the
 * answer that none came in time, after which it may still happen.
 */
export function outcome(answer) {
  const { status } = answer;
  if (status >= 200 && status < 300) return 'successful';
  const comesBack = header(answer, 'retry-after') !== undefined || header(answer, 'x-envoy-overloaded') !== undefined;
  if (status === 503 && json(answer).type === '/problems/timeout') return 'failed';
  if (status === 429 || ((status === 503 || status === 409) && comesBack)) return 'shed';
  return REFUSALS.includes(status) ? 'refused' : 'failed';
}

/** Waits as long as the answer asks for, or a moment, somewhat by chance so that not everybody comes back at once. */
export function waitAsTold(answer, usualSeconds = 0.2) {
  const told = Number(header(answer, 'retry-after'));
  sleep((told > 0 ? Math.min(told, 5) : usualSeconds) * (0.5 + Math.random()));
}

/** Looks until `look` returns something, so many seconds at most; null if it never did. */
export function until(secondsMax, pauseSeconds, look) {
  const end = Date.now() + secondsMax * 1000;
  for (;;) {
    const seen = look();
    if (seen) return seen;
    if (Date.now() >= end) return null;
    sleep(pauseSeconds);
  }
}

/** The body, or an empty object where there is none that reads. */
export function json(answer) {
  try {
    return answer.json() || {};
  } catch (_) {
    return {};
  }
}

function header(answer, name) {
  const found = Object.keys(answer.headers || {}).find((other) => other.toLowerCase() === name);
  return found && answer.headers[found];
}
