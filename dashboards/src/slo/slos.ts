import { metrics, objectives, operatorMetrics, type SizeCategory } from '@bundler/contract';
import {
  atMost,
  buckets,
  type Counter,
  counter,
  type Duration,
  increase,
  matches,
  matchesNot,
  observed,
  platform,
  rate,
  sum,
  type Vector,
} from '../promql/index.ts';

/** A promise over 30 days: a share of events that are good. */
export interface Slo {
  readonly name: string;
  readonly title: string;
  /** What is promised, and what counts. */
  readonly doc: string;
  /** Share of good events. */
  readonly objective: number;
  /** What it is kept apart by. */
  readonly by: readonly ('namespace' | 'config')[];
  /** Bad events a second, and all of them. */
  readonly bad: (window: Duration) => Vector<'namespace' | 'config'>;
  readonly all: (window: Duration) => Vector<'namespace' | 'config'>;
  /** How many there were. */
  readonly events: (window: Duration) => Vector<'namespace' | 'config'>;
}

type Own = Slo['by'][number];
type Kept = Pick<Slo, 'by' | 'bad' | 'all' | 'events'>;

/** Events that count, and those of them that are bad, each by counters of their own. */
function byCounters<L extends string>(by: readonly (L & Own)[], all: Counter<L>, bad: Counter<L>): Kept {
  return {
    by,
    bad: (window) => sum(by, rate(bad, window)),
    all: (window) => sum(by, rate(all, window)),
    events: (window) => sum(by, increase(all, window)),
  };
}

/** Observations of a histogram; bad is what took longer than a bucket of it says. */
function byBucket<L extends string>(by: readonly (L & Own)[], all: Counter<L>, quick: Counter<L | 'le'>): Kept {
  return {
    ...byCounters<L | 'le'>(by, all, quick),
    bad: (window) => sum(by, rate(all, window)).minus(sum(by, rate(quick, window))),
  };
}

function uploadLatency(size: SizeCategory, below: string): Slo {
  const { p99Seconds } = objectives.uploadLatency[size];
  const labels = { size_category: size };
  return {
    name: `upload-latency-${size}`,
    title: `Latency of ${size} uploads`,
    doc: `Of the uploads ${below}, ${objectives.slos.uploadLatency * 100} in 100 have their receipt within ${p99Seconds} s.`,
    objective: objectives.slos.uploadLatency,
    ...byBucket(
      platform,
      observed(metrics.uploadLatency, labels),
      buckets(metrics.uploadLatency, { ...labels, le: atMost(p99Seconds) }),
    ),
  };
}

function finality(to: 'posted' | 'permanent', { share, withinSeconds }: { share: number; withinSeconds: number }): Slo {
  return {
    name: `finality-${to}`,
    title: `Items ${to} in time`,
    doc: `Of the accepted items, ${share * 100} in 100 are ${to} within ${withinSeconds / 60} minutes.`,
    objective: share,
    ...byBucket(
      platform,
      observed(metrics.itemFinality, { to }),
      buckets(metrics.itemFinality, { to, le: atMost(withinSeconds) }),
    ),
  };
}

const { uploadAvailability, operatorConvergence, paymentAvailability } = objectives.slos;

/** What uploads wait for: a price, whether it could be paid for, and its reservation. */
const PAYMENT_ROUTES = { component: 'payment', route: matches('/(price|check-balance|reserve-balance).*') };

/** What the sender alone can mend says nothing about the service. */
const NOT_OURS = 'client_error|payment_required|rate_limited|aborted';

/** Every objective, in the order of the board. */
export const slos: readonly Slo[] = [
  {
    name: 'upload-availability',
    title: 'Uploads taken',
    doc: `Of the uploads that could be taken, ${uploadAvailability * 100} in 100 are; what only the sender can mend (${NOT_OURS.replaceAll('|', ', ')}) does not count.`,
    objective: uploadAvailability,
    ...byCounters(
      platform,
      counter(metrics.uploadRequests, { outcome: matchesNot(NOT_OURS) }),
      counter(metrics.uploadRequests, { outcome: matches('server_error|shed') }),
    ),
  },
  uploadLatency('small', 'below 1 MiB'),
  uploadLatency('medium', 'below 100 MiB'),
  uploadLatency('large', 'from 100 MiB on'),
  finality('posted', objectives.slos.finalityPosted),
  finality('permanent', objectives.slos.finalityPermanent),
  {
    name: 'payment-availability',
    title: 'Prices and reservations',
    doc: `Of the prices, checks and reservations that the payment service is asked for, ${paymentAvailability * 100} in 100 are not answered with 5xx.`,
    objective: paymentAvailability,
    ...byCounters(
      platform,
      observed(metrics.httpRequests, PAYMENT_ROUTES),
      observed(metrics.httpRequests, { ...PAYMENT_ROUTES, status_code: matches('5..') }),
    ),
  },
  {
    name: 'operator-convergence',
    title: 'Reconciliations in time',
    doc: `Of the operator's reconciliations, ${operatorConvergence.share * 100} in 100 end within ${operatorConvergence.withinSeconds} s.`,
    objective: operatorConvergence.share,
    ...byBucket(
      ['namespace'],
      observed(operatorMetrics.reconciles, { queue: 'reconcile' }),
      buckets(operatorMetrics.reconciles, { queue: 'reconcile', le: atMost(operatorConvergence.withinSeconds) }),
    ),
  },
];

/** The share of errors that an objective leaves, without the noise of binary fractions. */
export const budgetOf = ({ objective }: Slo): number => rounded(1 - objective);
export const rounded = (value: number): number => Number(value.toPrecision(6));
