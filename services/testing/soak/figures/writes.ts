/** How often the API server was asked to change something, by `verb resource`. */
export type WriteCounts = ReadonlyMap<string, number>;

const READS = new Set(['GET', 'LIST', 'WATCH', 'CONNECT']);

/**
 * All requests that would have changed something, whoever sent them, from the API server's own metrics. Leases are left
 * out: whoever leads says so every few seconds, and the server does so for itself.
 */
export function readWrites(text: string): WriteCounts {
  const counts = new Map<string, number>();
  for (const [, labels = '', value] of text.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const label = (name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    if (READS.has(label('verb')) || label('resource') === 'leases' || label('dry_run') !== '') continue;
    const subresource = label('subresource');
    const key = `${label('verb')} ${label('resource')}${subresource && `/${subresource}`}`;
    counts.set(key, (counts.get(key) ?? 0) + Number(value));
  }
  return counts;
}

/** What was written between two readings: how often, and what. */
export function writesBetween(before: WriteCounts, after: WriteCounts): { count: number; what: string[] } {
  const grown = [...after].map(([key, value]) => [key, value - (before.get(key) ?? 0)] as const);
  const more = grown.filter(([, count]) => count > 0);
  return {
    count: more.reduce((sum, [, count]) => sum + count, 0),
    what: more.map(([key, count]) => `${count} ${key}`),
  };
}
