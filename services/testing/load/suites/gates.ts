import { metrics, objectives } from '@bundler/contract';
import type { Assertion } from '../gate/assertion.ts';

const { breakerState, multipartUploads, poolMax, poolSize, poolTimeouts, queueDepth, uploadRequests } = metrics;
const { drainSeconds } = objectives.load;
const { poolUse } = objectives.database;

/**
 * Uploads of the run by how they ended, as the servers count them. Each process for itself: what a worker that is killed in the run had
 * counted before it (uploads in parts) goes with it, and would be missing from a difference of sums.
 */
function uploads(outcome: string): string {
  const counted = `${uploadRequests.name}{outcome="${outcome}"}`;
  return `sum(clamp_min(${counted} - (${counted} offset $run or ${counted} * 0), 0))`;
}

export const noServerError: Assertion = {
  says: 'no upload failed on the platform’s side',
  query: uploads('server_error'),
  of: 'end',
  must: { equals: 0 },
  absent: 0,
};

export const countsAgree: Assertion = {
  says: 'the platform counted as many uploads as clients have receipts',
  query: uploads('ok'),
  of: 'end',
  must: { equals: { client: 'uploads_accepted' } },
  absent: 0,
};

export const nothingShed: Assertion = {
  says: 'nothing was sent away',
  query: uploads('shed'),
  of: 'end',
  must: { equals: 0 },
  absent: 0,
};

export const noRestart: Assertion = {
  says: 'no process was started again',
  query: 'sum(changes(process_start_time_seconds[$run]))',
  of: 'end',
  must: { equals: 0 },
};

export const breakerClosed: Assertion = {
  says: 'no circuit breaker opened',
  query: `max(max_over_time(${breakerState.name}[$run]))`,
  of: 'end',
  must: { equals: 0 },
  // A platform that knows no service behind a breaker has none.
  absent: 0,
};

export const poolsHold: readonly Assertion[] = [
  {
    says: `no pool had more than ${100 * poolUse} % of its connections in use`,
    query: `max(max_over_time((${poolSize.name} / ${poolMax.name})[$run:1s]))`,
    of: 'end',
    must: { atMost: poolUse },
  },
  {
    says: 'nobody waited in vain for a connection',
    query: `sum(${poolTimeouts.name})`,
    of: 'growth',
    must: { equals: 0 },
    absent: 0,
  },
];

export const queuesDrain: Assertion = {
  says: `the queues are empty within ${drainSeconds} s of the load`,
  query: `sum(max by (queue) (${queueDepth.name}))`,
  of: 'end',
  must: { equals: 0 },
  withinSeconds: drainSeconds,
};

/** A suite that sent nothing must not pass. */
export const receipts = (atLeast: number): Assertion => ({
  says: atLeast === 1 ? 'clients have receipts' : `clients have ${atLeast} receipts`,
  query: 'uploads_accepted',
  of: 'client',
  must: { atLeast },
});

/** What any load must leave behind that the platform can take. */
export const wellBehaved: readonly Assertion[] = [
  receipts(1),
  noServerError,
  countsAgree,
  noRestart,
  breakerClosed,
  queuesDrain,
];

/** What pages, and what only reports; a platform that is scraped by more than one run may have fired before. */
const fired = (matchers: string): string => {
  const alerts = `ALERTS{alertname=~"Bundler.+",alertstate="firing",${matchers}}`;
  return `count(count_over_time(${alerts}[$run]) unless ${alerts} offset $run)`;
};

export const noPage: Assertion = {
  says: 'nobody was called: no critical alert began to fire',
  query: fired('severity="critical"'),
  of: 'end',
  must: { equals: 0 },
  absent: 0,
};

/** That an alert fires takes as long as it must have held: only long runs are long enough. */
export const told = (alertname: string): Assertion => ({
  says: `${alertname} fired`,
  query: `count(count_over_time(ALERTS{alertname="${alertname}",alertstate="firing"}[$run]))`,
  of: 'end',
  must: { atLeast: 1 },
  only: 'full',
});

export const multipartAccepted = `sum(${multipartUploads.name}{outcome="accepted"})`;

/** How the page of results names a figure that it looks up. */
export const CONNECTIONS = 'most connections of one pool in use';

/** Shown with every load of a rate. */
export const loadFigures: Readonly<Record<string, string>> = {
  [CONNECTIONS]: `max(max_over_time(${poolSize.name}[$run]))`,
  'seconds of CPU a second, upload API': 'sum(rate(process_cpu_seconds_total{component="upload"}[$run]))',
  'seconds of CPU a second, workers': 'sum(rate(process_cpu_seconds_total{component="workers"}[$run]))',
  'event loop of an upload API, p99 in seconds':
    'max(max_over_time(nodejs_eventloop_lag_p99_seconds{component="upload"}[$run]))',
  'server’s own p99 of small uploads, seconds': `histogram_quantile(0.99, sum by (le) (increase(${metrics.uploadLatency.name}_bucket{size_category="small"}[$run])))`,
};
