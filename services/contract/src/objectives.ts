const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** What the platform promises its users, in numbers. Bench, alerts, boards and load tests compare with these, and with nothing else. */
export const objectives = {
  /** Upload latency by size, seconds at the 99th percentile. Each second is a bucket of `upload_latency_seconds`. */
  uploadLatency: {
    small: { belowBytes: 1024 * 1024, p99Seconds: 1 },
    medium: { belowBytes: 100 * 1024 * 1024, p99Seconds: 10 },
    large: { belowBytes: Number.POSITIVE_INFINITY, p99Seconds: 300 },
  },
  /** Shares of good events over 30 days. What is below them spends the error budget. */
  slos: {
    uploadAvailability: 0.999,
    uploadLatency: 0.99,
    finalityPosted: { share: 0.99, withinSeconds: 15 * MINUTE },
    finalityPermanent: { share: 0.999, withinSeconds: 24 * HOUR },
    operatorConvergence: { share: 0.99, withinSeconds: 30 },
    paymentAvailability: 0.9995,
  },
  /** An alert on a share of uploads or a budget needs so many of them, or one failure at night would page. */
  leastEvents: 50,
  database: {
    /** Of the connections that a pool may hold: 45 of 50. */
    poolUse: 0.9,
    acquireP99Seconds: 1,
    acquireTimeoutsIn5m: 3,
    /** Of the connections that the server has for a platform: what its pods could hold together. */
    connectionBudget: 0.9,
  },
  queues: {
    /** Jobs waiting in any queue; what each queue should stay below is its own `maxDepth`. */
    backlog: 1000,
    oldestJobSeconds: 15 * MINUTE,
  },
  http: {
    /** Of all requests. */
    refusedByRateLimits: 0.2,
    connectionTimeouts: 0.01,
    eventLoopP99Seconds: 0.5,
  },
  breaker: {
    /** Of the processes that have one: from here on it is not one process's trouble. */
    openInShareOfPods: 0.5,
    /** Each time after it had been open: a service that stays away closes nothing. */
    closesIn15m: 3,
  },
  redis: {
    /** Of the memory that it may use. */
    memoryUse: 0.85,
  },
  objectStore: {
    /** Of its operations. */
    errors: 0.05,
  },
  pipeline: {
    /** How long the oldest item may be in a state, seconds. */
    itemAgeSeconds: { new: 30 * MINUTE, planned: 2 * HOUR, prepared: 2 * HOUR, posted: 24 * HOUR, seeded: 24 * HOUR },
    /** Bundles given up, of those posted and given up in an hour. */
    bundleFailures: 0.1,
    /** Requests to a gateway that it answers well. */
    gatewaySuccess: 0.5,
  },
  wallet: {
    /** How long it lasts when a day costs what the days of the last week cost. */
    lowDays: 7,
    emptyDays: 1,
  },
  payment: {
    /** The gateway's price and the rates: half of what makes the service sell nothing. */
    priceAgeSeconds: 30 * MINUTE,
    /** A transaction that is not confirmed by then is stuck, or nobody looks at it. */
    topUpAgeSeconds: 3 * HOUR,
    /** What the payment service is still to be told. */
    outboxAgeSeconds: 10 * MINUTE,
  },
  processes: {
    restartsIn15m: 2,
    /** Of the processes of one part of a platform that answer a scrape. */
    up: 0.5,
  },
  autoscaler: {
    errorsIn10m: 5,
  },
  /** What load tests hold the platform to beside its latencies. */
  load: {
    /** What one platform takes before anything gives way. */
    kneeUploadsPerSecond: 200,
    /** How soon a request is refused while the breaker is open, at the 95th percentile. */
    refusalP95Seconds: 0.05,
    /** How soon the queues are empty again after a load. */
    drainSeconds: 120,
    /** What one large upload may add to the memory of a process. */
    largeUploadBytes: 64 * 1024 * 1024,
  },
} as const;

export type SizeCategory = keyof typeof objectives.uploadLatency;

/** The class that an upload of `byteCount` bytes is measured in. */
export function sizeCategory(byteCount: number): SizeCategory {
  if (byteCount < objectives.uploadLatency.small.belowBytes) return 'small';
  if (byteCount < objectives.uploadLatency.medium.belowBytes) return 'medium';
  return 'large';
}
