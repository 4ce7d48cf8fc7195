import type { Seen } from './look.ts';

/** Metrics that the platform did not happen to report, and why not. */
export type Unseen = Readonly<Record<string, string>>;

/**
 * What is wrong with a panel on a platform that works: a query that Prometheus refuses, or one without an answer. A panel
 * that `mayBeEmpty` needs none; else a single query may be without one, where everything that it asks for is among the unseen.
 */
export function troubleWith(seen: Seen, unseen: Unseen, metricsIn: (query: string) => readonly string[]): string[] {
  const { panel, of, answers } = seen;
  const where = of === undefined ? panel.title : `${panel.title} (${of})`;
  const refused = answers.flatMap(({ error }) => (error === undefined ? [] : [`${where}: ${error}`]));
  if (refused.length > 0 || panel.mayBeEmpty !== undefined) return refused;
  const empty = answers.filter(({ series }) => series.length === 0);
  if (empty.length === answers.length)
    return [`${where} shows nothing: ${answers.map(({ query }) => query).join(', ')}`];
  return empty
    .filter(({ query }) => !metricsIn(query).every((name) => name in unseen))
    .map(({ query }) => `${where}: no answer to ${query}`);
}
