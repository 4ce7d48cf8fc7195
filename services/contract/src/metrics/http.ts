import { shedCodes } from '../errors.ts';
import { reportedBy } from './define.ts';

const { counter, tracedHistogram } = reportedBy('upload', 'payment');

/** What every HTTP service reports of its requests and connections. */
export const httpMetrics = {
  httpRequests: tracedHistogram(
    'http_request_duration_seconds',
    'Time from the request to the end of the answer.',
    // Few, because each costs a series for every route and status: `upload_latency_seconds` is the finer one.
    [0.005, 0.025, 0.1, 0.5, 1, 5, 10, 60, 300],
    {
      method: 'the methods of HTTP that routes have; `other` where there is no route',
      route: 'the routes of the service without `/v1`, with names in the place of ids; `none` where there is none',
      status_code: 'the statuses that the service answers with',
    },
  ),
  serverTimeouts: counter(
    'server_timeouts_total',
    'Connections closed: silent in a request (idle) or between two (keep_alive), a body below the minimum rate (slow_body), headers or a whole request that took too long (too_long).',
    { kind: ['idle', 'keep_alive', 'slow_body', 'too_long'] },
  ),
  httpClientErrors: counter('http_client_errors_total', 'Connections closed because what came was not HTTP.', {
    code: "the error codes of Node's HTTP parser, some thirty",
  }),
  loadShed: counter(
    'load_shed_total',
    'Requests refused with 503 because there is more to do than can be done in time, by the error code of the answer.',
    { reason: shedCodes },
  ),
  rateLimitDecisions: counter(
    'rate_limit_decisions_total',
    'Requests by what was decided about them: counted by their address, their API key or their token, refused because their address is blocked, or counted against the free bytes of their address. `error` is one that was let through uncounted, because the Redis that counts did not answer.',
    { tier: ['address', 'key', 'token', 'blocked_address', 'free_quota'], decision: ['allow', 'deny', 'error'] },
  ),
};
