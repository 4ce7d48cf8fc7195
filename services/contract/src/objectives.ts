/** What the platform promises its users, in numbers. Bench, alerts and load tests compare with these. */
export const objectives = {
  /** Upload latency by size, seconds at the 99th percentile. */
  uploadLatency: {
    small: { upToBytes: 100 * 1024, p99Seconds: 1 },
    medium: { upToBytes: 100 * 1024 * 1024, p99Seconds: 10 },
    large: { upToBytes: Number.MAX_SAFE_INTEGER, p99Seconds: 300 },
  },
} as const;

export type SizeCategory = keyof typeof objectives.uploadLatency;

/** The class that an upload of `byteCount` bytes is measured in. */
export function sizeCategory(byteCount: number): SizeCategory {
  if (byteCount <= objectives.uploadLatency.small.upToBytes) return 'small';
  if (byteCount <= objectives.uploadLatency.medium.upToBytes) return 'medium';
  return 'large';
}
