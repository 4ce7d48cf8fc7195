import type { Service } from './service.ts';

/**
 * The sum of a metric's samples in the Prometheus text format whose labels hold all of the given ones, e.g.
 * `queue="prepare"`; 0 when there is none.
 */
export function sampleSum(text: string, name: string, ...labels: string[]): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    const match = /^([\w:]+)(?:\{(.*)\})? (\S+)/.exec(line);
    if (match?.[1] !== name) continue;
    const has = match[2] ?? '';
    if (labels.every((label) => has.split(',').includes(label))) sum += Number(match[3]);
  }
  return sum;
}

/** The metrics of some processes, one after another. */
export async function scrape(services: readonly Service[]): Promise<string> {
  const texts = await Promise.all(
    services.map(async ({ adminUrl }) => (await fetch(`${adminUrl}/bundler_metrics`)).text()),
  );
  return texts.join('\n');
}
