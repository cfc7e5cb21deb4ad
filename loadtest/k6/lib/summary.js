// The end of a run: what siege prints, beside what it does not know, and the same as JSON where `SUMMARY` names a file.

/** A `handleSummary` for the script of that name. */
export function summary(script) {
  return (data) => {
    const told = summarized(script, data);
    const files = { stdout: text(told) };
    if (__ENV.SUMMARY) files[__ENV.SUMMARY] = `${JSON.stringify(told, null, 2)}\n`;
    return files;
  };
}

function summarized(script, { metrics, root_group: root }) {
  const value = (metric, name) => (metrics[metric] ? metrics[metric].values[name] : 0);
  const count = (metric) => value(metric, 'count');
  const [successful, refused, shed, failed] = ['successful', 'refused', 'shed', 'failed'].map(count);
  const transactions = successful + refused + shed + failed;
  const elapsed = (value('transaction_clock_ms', 'max') - value('transaction_clock_ms', 'min')) / 1000;
  const mean = value('transaction_ms', 'avg') / 1000;
  const took = (name) => value('transaction_ms', name) / 1000;
  return {
    script,
    transactions, successful, refused, shed, failed,
    standing: count('standing'),
    // Who is told to come back was not served, however politely.
    availability_percent: transactions ? (100 * (successful + refused)) / transactions : 0,
    elapsed_seconds: elapsed,
    response_seconds: { mean, shortest: took('min'), p50: took('p(50)'), p95: took('p(95)'), p99: took('p(99)'), longest: took('max') },
    transactions_per_second: elapsed ? transactions / elapsed : 0,
    concurrency: elapsed ? (transactions * mean) / elapsed : 0,
    settled_seconds: { mean: value('settled_ms', 'avg') / 1000, p99: value('settled_ms', 'p(99)') / 1000 },
    dropped: count('dropped_iterations'),
    checks: checksOf(root),
    crossed: crossed(metrics),
  };
}

/** Each check by name, also those of groups. */
function checksOf(group) {
  const own = (group.checks || []).map(({ name, passes, fails }) => ({ name, passes, fails }));
  return (group.groups || []).reduce((all, inner) => all.concat(checksOf(inner)), own);
}

/** The thresholds that fail the run. */
function crossed(metrics) {
  const all = Object.entries(metrics).map(([name, { thresholds }]) =>
    Object.entries(thresholds || {}).filter(([, { ok }]) => !ok).map(([rule]) => `${name}: ${rule}`));
  return [].concat(...all).sort();
}

function text(told) {
  const { response_seconds: response } = told;
  const lines = [
    ['Transactions', told.transactions, 'hits'],
    ['Availability', told.availability_percent.toFixed(2), '%'],
    ['Elapsed time', told.elapsed_seconds.toFixed(2), 'secs'],
    ['Response time', response.mean.toFixed(3), 'secs'],
    ['Transaction rate', told.transactions_per_second.toFixed(2), 'trans/sec'],
    ['Concurrency', told.concurrency.toFixed(2), ''],
    ['Successful transactions', told.successful, ''],
    ['Failed transactions', told.failed, ''],
    ['Longest transaction', response.longest.toFixed(3), 'secs'],
    ['Shortest transaction', response.shortest.toFixed(3), 'secs'],
    ['95 of 100 within', response.p95.toFixed(3), 'secs'],
    ['99 of 100 within', response.p99.toFixed(3), 'secs'],
    ['Refused by the business', told.refused, ''],
    ['Told to come back (429, 503)', told.shed, ''],
    ['Standing in the end', told.standing, ''],
  ];
  if (told.settled_seconds.mean) lines.push(['Confirmed within (mean)', told.settled_seconds.mean.toFixed(3), 'secs']);
  if (told.dropped) lines.push(['Arrivals dropped', told.dropped, '']);
  const rows = lines.map(([name, figure, unit]) => `${`${name}:`.padEnd(30)} ${String(figure).padStart(12)} ${unit}`.trimEnd());
  const wrong = told.checks.filter(({ fails }) => fails > 0).map(({ name, fails }) => `NOT TRUE ${fails} times: ${name}`);
  const verdict = told.crossed.length === 0 ? ['Every check and threshold holds.'] : told.crossed.map((rule) => `CROSSED ${rule}`);
  return ['', `${told.script}`, ...rows, ...wrong, ...verdict, ''].join('\n');
}
