import { metrics, objectives } from '@bundler/contract';
import { external } from '../external-metrics.ts';
import {
  atMost,
  buckets,
  counter,
  gauge,
  increase,
  max,
  observed,
  platform,
  rate,
  share,
  sum,
} from '../promql/index.ts';
import { rounded } from '../slo/slos.ts';
import { type Alert, given, growing, look, type Rule, steady } from './define.ts';

const { refusedByRateLimits, connectionTimeouts, eventLoopP99Seconds } = objectives.http;
const { leastEvents } = objectives;
/** One of the reasons, whichever. */
const [shedReason] = metrics.loadShed.labels.reason;
const main = { namespace: 'bundler', config: 'main' };

/** Uploads of one size slower than its objective, of all of them; only where there were enough to speak of. */
function slowUploads(size: keyof typeof objectives.uploadLatency): Rule {
  const { p99Seconds } = objectives.uploadLatency[size];
  const by = [...platform, 'size_category'] as const;
  const labels = { size_category: size };
  const all = observed(metrics.uploadLatency, labels);
  const quick = buckets(metrics.uploadLatency, { ...labels, le: atMost(p99Seconds) });
  const uploads = (slow: number, aMinute = 12) => [
    given(metrics.uploadLatency, { ...labels, le: String(p99Seconds) }, growing(aMinute - slow), '_bucket'),
    given(metrics.uploadLatency, labels, growing(aMinute), '_count'),
  ];
  return {
    severity: 'warning',
    labels,
    expr: sum(by, rate(all, '5m'))
      .minus(sum(by, rate(quick, '5m')))
      .over(sum(by, rate(all, '5m')))
      .above(rounded(1 - objectives.slos.uploadLatency))
      .and(sum(by, increase(all, '5m')).above(leastEvents)),
    for: '10m',
    proof: {
      fires: uploads(0.1212),
      from: 5,
      labels: { ...main, size_category: size },
      says: '1.01% of the uploads of the last 5 minutes took longer than the objective of their size (small 1s, medium 10s, large 300s at the 99th percentile); 1% is the limit.',
      silent: [uploads(0.1188), uploads(9, 10)],
    },
  };
}

/** Uploads by HTTP: how fast they are, and how many are refused. */
export const uploadAlerts: readonly Alert[] = [
  {
    name: 'BundlerUploadP99High',
    inPlan: true,
    summary: 'Uploads of size {{ $labels.size_category }} to {{ $labels.namespace }}/{{ $labels.config }} are slow',
    description:
      '{{ $value | humanizePercentage }} of the uploads of the last 5 minutes took longer than the objective of their size (small 1s, medium 10s, large 300s at the 99th percentile); 1% is the limit.',
    team: 'bundler',
    slo: 'upload-latency',
    panel: ['upload', 'Latency at the 99th percentile'],
    rules: [slowUploads('small'), slowUploads('medium'), slowUploads('large')],
    runbook: {
      meaning:
        'The 99th percentile of a size is above its objective: 1 s below 1 MiB, 10 s below 100 MiB, 300 s above. It counts what took longer than that and does not ask for the percentile, because no percentile can be above the highest bucket of the histogram: the guide as written, `histogram_quantile(...) > 300`, could never fire.',
      impact: 'Clients wait. Above their own timeouts they send again, which makes it worse.',
      look: [
        {
          why: 'Which stage takes the time (receive is the network of the client):',
          run: 'kubectl -n "$NAMESPACE" port-forward "service/$NAME-upload" 3001 & sleep 2\ncurl -s http://127.0.0.1:3001/bundler_metrics | grep -E \'^upload_stage_duration_seconds_(sum|count)\'',
        },
        look.metrics('^(db_pool|nodejs_eventloop_lag_p99|receipt_signing_rate)'),
        look.status,
      ],
      mitigation: [
        '`store` is slow: the object store or PostgreSQL is; see their alerts and the board Data stores.',
        '`sign` is slow: the CPU is short. More upload APIs, or fewer uploads at once: `UPLOAD_MAX_SIGNING_WAIT_MS` refuses earlier.',
        '`receive` is slow: clients or the network are. Nothing to do here, unless a proxy buffers.',
      ],
      settings: ['maxSigningWait', 'groupInterval', 'groupConcurrency', 'uploadReplicas'],
    },
  },
  {
    name: 'BundlerRateLimitingHigh',
    inPlan: true,
    summary: 'Rate limits refuse many requests to {{ $labels.namespace }}/{{ $labels.config }}',
    description: `{{ $value | humanizePercentage }} of the counted requests are refused; ${refusedByRateLimits * 100}% is worth a look.`,
    team: 'bundler',
    panel: ['upload', 'Rate limit decisions'],
    rules: [
      {
        severity: 'info',
        expr: share(
          sum(platform, rate(counter(metrics.rateLimitDecisions, { decision: 'deny' }), '5m')),
          sum(platform, rate(counter(metrics.rateLimitDecisions), '5m')),
        ).above(refusedByRateLimits),
        for: '10m',
        proof: {
          fires: [
            given(metrics.rateLimitDecisions, { tier: 'address', decision: 'deny' }, growing(21)),
            given(metrics.rateLimitDecisions, { tier: 'address', decision: 'allow' }, growing(79)),
          ],
          from: 1,
          labels: main,
          says: '21% of the counted requests are refused; 20% is worth a look.',
          silent: [
            [
              given(metrics.rateLimitDecisions, { tier: 'address', decision: 'deny' }, growing(19)),
              given(metrics.rateLimitDecisions, { tier: 'address', decision: 'allow' }, growing(81)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'More than a fifth of the requests are answered with 429 or 403: somebody sends too much, or the limits are too low for who is welcome.',
      impact: 'Those clients must wait. Everybody else is served.',
      look: [look.metrics('^rate_limit'), look.logs('upload', 'rate limit|429')],
      mitigation: [
        'One address: leave it, or block it with RATE_LIMIT_BLOCKED_IPS.',
        'Many addresses at once behind one: TRUSTED_PROXIES is too low, and the proxy itself is counted.',
        'Welcome clients: give them an API key, which has a limit of its own, or raise RATE_LIMIT_MAX_REQUESTS. Both are live.',
      ],
      settings: ['rateLimitMaxRequests', 'rateLimitAuthenticatedMax', 'rateLimitBlockedIps', 'trustedProxies'],
    },
  },
  {
    name: 'BundlerRateLimiterDown',
    summary: 'Requests to {{ $labels.namespace }}/{{ $labels.config }} are not counted',
    description:
      '{{ $value | humanize }} requests a second are let through uncounted, because the Redis that counts them does not answer.',
    team: 'platform',
    panel: ['upload', 'Rate limit decisions'],
    rules: [
      {
        severity: 'warning',
        expr: sum(platform, rate(counter(metrics.rateLimitDecisions, { decision: 'error' }), '5m')).above(0),
        for: '2m',
        proof: {
          fires: [given(metrics.rateLimitDecisions, { tier: 'address', decision: 'error' }, growing(36))],
          from: 1,
          labels: main,
          says: '360m requests a second are let through uncounted, because the Redis that counts them does not answer.',
          silent: [
            [
              given(metrics.rateLimitDecisions, { tier: 'address', decision: 'error' }, steady(9)),
              given(metrics.rateLimitDecisions, { tier: 'address', decision: 'allow' }, growing(60)),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'The limiter asks the Redis of the cache before each request. It gets no answer in time, and lets requests through rather than refuse everybody.',
      impact: 'Nobody is limited. Uploads go on, large ones without their mark against duplicates.',
      look: [look.metrics('^(redis_|rate_limit)'), look.doctor, look.logs('upload', 'redis')],
      mitigation: [
        'Bring the Redis of the role `cache` back; nothing else has to be done. It keeps nothing that cannot be lost.',
        'Until then limit in front of the platform, or lower what one client may open at once.',
      ],
      settings: ['rateLimitEnabled'],
    },
  },
  {
    name: 'BundlerLoadShedding',
    summary:
      '{{ $labels.namespace }}/{{ $labels.config }} refuses requests, because it has more to do than it can do in time',
    description: '{{ $value | humanize }} requests a second are answered with 503 and Retry-After.',
    team: 'bundler',
    panel: ['upload', 'Shed requests'],
    rules: [
      {
        severity: 'warning',
        expr: sum(platform, rate(counter(metrics.loadShed), '5m')).above(0),
        for: '5m',
        proof: {
          fires: [given(metrics.loadShed, { reason: shedReason }, growing(60))],
          from: 1,
          labels: main,
          says: '1 requests a second are answered with 503 and Retry-After.',
          silent: [[given(metrics.loadShed, { reason: shedReason }, steady(100))]],
        },
      },
    ],
    runbook: {
      meaning:
        'For five minutes more has come than can be answered in time; the reason is the error code of the answer and says what is short: signatures, parts, progress streams, open multipart uploads.',
      impact:
        'Clients are told to come again and do. What is accepted stays fast. It counts against the budget of upload-availability.',
      look: [look.metrics('^(load_shed|upload_in_flight|receipt_signing_rate|process_cpu)'), look.status],
      mitigation: [
        'Signatures: more upload APIs or CPU; `upload.autoscaling.maxReplicas` may be reached.',
        'Parts, open uploads, progress streams: their limits are live.',
      ],
      settings: [
        'maxSigningWait',
        'multipartConcurrentParts',
        'multipartMaxOpenUploads',
        'progressMaxStreams',
        'uploadReplicas',
      ],
    },
  },
  {
    name: 'BundlerServerTimeouts',
    inPlan: true,
    summary: 'Connections to {{ $labels.namespace }}/{{ $labels.config }} time out',
    description: `{{ $value | humanizePercentage }} as many connections as requests are closed for silence, slowness or length; ${connectionTimeouts * 100}% is the limit.`,
    team: 'bundler',
    panel: ['upload', 'Closed connections'],
    rules: [
      {
        severity: 'warning',
        // Who ends a connection that nobody uses is no trouble: keep_alive is left out.
        expr: share(
          sum(platform, rate(counter(metrics.serverTimeouts, { kind: { operator: '!=', value: 'keep_alive' } }), '5m')),
          sum(platform, rate(observed(metrics.httpRequests), '5m')),
        ).above(connectionTimeouts),
        for: '10m',
        proof: {
          fires: [
            given(metrics.serverTimeouts, { kind: 'idle' }, growing(11)),
            given(metrics.httpRequests, { method: 'POST', route: '/tx', status_code: '200' }, growing(1000), '_count'),
          ],
          from: 1,
          labels: main,
          says: '1.1% as many connections as requests are closed for silence, slowness or length; 1% is the limit.',
          silent: [
            [
              given(metrics.serverTimeouts, { kind: 'idle' }, growing(9)),
              given(metrics.serverTimeouts, { kind: 'keep_alive' }, growing(500)),
              given(
                metrics.httpRequests,
                { method: 'POST', route: '/tx', status_code: '200' },
                growing(1000),
                '_count',
              ),
            ],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'Requests are cut: silent in the middle (idle), below the minimum rate (slow_body), headers or a whole request too long (too_long).',
      impact: 'Those uploads fail with 408. Clients that are slow but honest cannot finish.',
      look: [look.metrics('^server_timeouts'), look.logs('upload', 'timeout')],
      mitigation: [
        'A proxy that buffers or stalls shows as idle: look there first.',
        'Slow and honest clients: raise UPLOAD_REQUEST_TIMEOUT_MS or lower UPLOAD_MIN_RATE; both are live. Multipart uploads suit them better.',
        'An attack that holds connections open is what the limits are for: leave them.',
      ],
      settings: ['uploadRequestTimeout', 'uploadHeadersTimeout', 'uploadMaxDuration', 'uploadMinRate'],
    },
  },
  {
    name: 'BundlerEventLoopBlocked',
    summary: '{{ $labels.pod }} answers late, because its event loop is blocked',
    description: `Its 99th percentile of lateness is {{ $value | humanizeDuration }}, above ${eventLoopP99Seconds * 1000}ms.`,
    team: 'bundler',
    panel: ['upload', 'Event loop'],
    rules: [
      {
        severity: 'warning',
        expr: max([...platform, 'component', 'pod'], gauge(external.eventLoopP99)).above(eventLoopP99Seconds),
        for: '5m',
        proof: {
          fires: [given(external.eventLoopP99, {}, steady(0.6))],
          labels: { ...main, component: 'upload', pod: 'upload-1' },
          says: 'Its 99th percentile of lateness is 600ms, above 500ms.',
          silent: [[given(external.eventLoopP99, {}, steady(0.5))]],
        },
      },
    ],
    runbook: {
      meaning:
        'A process has been late with everything by half a second for five minutes: too little CPU, or one long computation.',
      impact: 'All its requests and jobs are late, and locks of jobs may expire.',
      look: [
        {
          why: 'CPU of the pods, and whether they are throttled:',
          run: 'kubectl -n "$NAMESPACE" top pods -l "app.kubernetes.io/instance=$NAME"',
        },
        look.metrics('^(nodejs_eventloop|process_cpu|nodejs_gc)'),
      ],
      mitigation: [
        'Raise the CPU request and take the CPU limit away, or run more processes.',
        'In a worker: lower the concurrency of its queue, which is live.',
      ],
      settings: ['uploadReplicas', 'prepareConcurrency'],
    },
  },
];
