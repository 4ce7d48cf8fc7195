/** What the platform promises its users, in numbers. Bench, alerts and load tests compare with these. */
export const objectives = {
  /** Upload latency by size, seconds at the 99th percentile. Each second is a bucket of `upload_latency_seconds`. */
  uploadLatency: {
    small: { belowBytes: 1024 * 1024, p99Seconds: 1 },
    medium: { belowBytes: 100 * 1024 * 1024, p99Seconds: 10 },
    large: { belowBytes: Number.POSITIVE_INFINITY, p99Seconds: 300 },
  },
} as const;

export type SizeCategory = keyof typeof objectives.uploadLatency;

/** The class that an upload of `byteCount` bytes is measured in. */
export function sizeCategory(byteCount: number): SizeCategory {
  if (byteCount < objectives.uploadLatency.small.belowBytes) return 'small';
  if (byteCount < objectives.uploadLatency.medium.belowBytes) return 'medium';
  return 'large';
}
