import { metrics, objectives } from '@bundler/contract';
import { count, counter, gauge, increase, platform, sum } from '../promql/index.ts';
import { type Alert, given, growing, look, steady, step } from './define.ts';

const { closesIn15m, openInShareOfPods } = objectives.breaker;
const main = { namespace: 'bundler', config: 'main' };
const changed = (event: string, values: string) => given(metrics.breakerEvents, { service: 'payment', event }, values);
const state = (pod: string, values: string) => given(metrics.breakerState, { service: 'payment', pod }, values);

/** How many processes have the breaker to the payment service open or half open, and how many have one. */
const open = count(platform, gauge(metrics.breakerState, { service: 'payment' }).above(0));
const all = count(platform, gauge(metrics.breakerState, { service: 'payment' }));

/** Circuit breakers around services that may be down. */
export const breakerAlerts: readonly Alert[] = [
  {
    name: 'BundlerPaymentCircuitOpen',
    inPlan: true,
    summary: 'The circuit to the payment service is open in {{ $labels.namespace }}/{{ $labels.config }}',
    description: `It is open, or being tried again, in {{ $value | humanizePercentage }} of the processes; from ${openInShareOfPods * 100}% on it is critical.`,
    team: 'payments',
    panel: ['upload', 'Circuit breakers'],
    rules: [
      {
        severity: 'critical',
        expr: open.over(all).atLeast(openInShareOfPods),
        for: '1m',
        keepFiringFor: '2m',
        proof: {
          // Every half minute it is tried again: state 2 is no recovery, which "== 1" took it for.
          fires: [state('upload-1', '1 2 1 2 1 2 1 2 1 2 1 2 1 2'), state('upload-2', steady(0))],
          labels: main,
          says: 'It is open, or being tried again, in 50% of the processes; from 50% on it is critical.',
          silent: [
            [state('upload-1', steady(1)), state('upload-2', steady(0)), state('upload-3', steady(0))],
            [state('upload-1', steady(0)), state('upload-2', steady(0))],
          ],
          ceases: { given: [state('upload-1', step(1, 10, 0))], at: 10 },
        },
      },
      {
        severity: 'warning',
        expr: open.over(all).below(openInShareOfPods),
        for: '1m',
        keepFiringFor: '2m',
        proof: {
          fires: [
            state('upload-1', steady(1)),
            state('upload-2', steady(0)),
            state('upload-3', steady(0)),
            state('upload-4', steady(0)),
          ],
          labels: main,
          says: 'It is open, or being tried again, in 25% of the processes; from 50% on it is critical.',
          silent: [
            [state('upload-1', steady(0)), state('upload-2', steady(0))],
            [state('upload-1', steady(2)), state('upload-2', steady(0))],
          ],
          ceases: {
            given: [state('upload-1', step(1, 10, 0)), state('upload-2', steady(0)), state('upload-3', steady(0))],
            at: 10,
          },
        },
      },
    ],
    runbook: {
      meaning:
        'Half of the calls to the payment service failed or took longer than PAYMENT_SERVICE_TIMEOUT, so it is not called for a while. Every PAYMENT_SERVICE_RESET_TIMEOUT one call is let through (half open, state 2). The guide as written, `== 1` for a minute, was reset by each of those tries and could not fire.',
      impact: 'Uploads that cost something are refused at once with 503. Free ones go on.',
      look: [
        look.metrics('^circuit_breaker'),
        look.logs('upload', 'circuit|payment'),
        {
          why: 'Whether the service answers at all (from a pod of the platform):',
          run: 'kubectl -n "$NAMESPACE" exec "deploy/$NAME-upload" -- node -e \'fetch(process.env.PAYMENT_SERVICE_URL + "/health").then((r) => console.log(r.status), console.error)\'',
        },
      ],
      mitigation: [
        'Bring the payment service back; the circuit closes by itself with the next try.',
        'If it is only slow, raise PAYMENT_SERVICE_TIMEOUT; if it opens without cause under load, raise the threshold or the window.',
      ],
      settings: ['paymentTimeout', 'paymentErrorThreshold', 'paymentResetTimeout', 'paymentRollingWindow'],
    },
  },
  {
    name: 'BundlerCircuitFlapping',
    summary:
      'The circuit to {{ $labels.service }} opens and closes again and again in {{ $labels.namespace }}/{{ $labels.config }}',
    description: `It closed {{ $value | humanize }} times in 15 minutes in one process, and had been open before each; more than ${closesIn15m} is too often.`,
    team: 'bundler',
    panel: ['upload', 'Circuit breaker events'],
    rules: [
      {
        severity: 'warning',
        // How often it opened would tell nothing: while a service is away, each try that fails opens the circuit anew.
        expr: sum(
          [...platform, 'service', 'pod'],
          increase(counter(metrics.breakerEvents, { event: 'close' }), '15m'),
        ).above(closesIn15m),
        proof: {
          fires: [changed('open', step(0, 12, 5)), changed('close', step(0, 12, 4))],
          from: 12,
          labels: { ...main, service: 'payment', pod: 'upload-1' },
          says: 'It closed 4 times in 15 minutes in one process, and had been open before each; more than 3 is too often.',
          silent: [
            [changed('open', step(0, 12, 4)), changed('close', step(0, 12, 3))],
            // Away all the time, and tried twice a minute.
            [changed('open', growing(2)), changed('half_open', growing(2)), changed('close', steady(0))],
          ],
        },
      },
    ],
    runbook: {
      meaning:
        'The service is half well: tries close the circuit, and what comes then opens it. A service that is away all the time is something else: no try closes the circuit then, and for the payment service BundlerPaymentCircuitOpen tells of it.',
      impact: 'Requests that need the service are refused for half of the time.',
      look: [look.metrics('^circuit_breaker'), look.logs('upload', 'circuit')],
      mitigation: ['The service is overloaded, or slower than the timeout: give it more, or the calls more time.'],
      settings: ['paymentTimeout', 'paymentErrorThreshold', 'opticalTimeout', 'opticalResetTimeout'],
    },
  },
];
