import type { Panel } from '@bundler/dashboards';
import type { Answered } from './look.ts';
import { troubleWith } from './verdict.ts';

const points = [[0, 1]] as const;
const answer = (query: string, changes: Partial<Answered> = {}): Answered => ({
  query,
  legend: '',
  series: [{ labels: {}, points }],
  ...changes,
});
const nothing = { series: [] };
const unseen = { jobs_lost_total: 'no job was lost' };

/** What is said of a panel with these answers; each query here is the name of a metric. */
function troubles(answers: readonly Answered[], changes: Partial<Panel> = {}): string[] {
  const panel = { title: 'Jobs', ...changes } as Panel;
  return troubleWith({ panel, answers }, unseen, (query) => [query]);
}

describe('a panel of a platform that works', () => {
  it('is right when each of its queries has an answer', () => {
    expect(troubles([answer('jobs_total'), answer('jobs_dead_total')])).toEqual([]);
  });

  it('is wrong when it shows nothing, unless it says why it may', () => {
    const silent = [answer('jobs_total', nothing)];
    expect(troubles(silent)).toEqual(['Jobs shows nothing: jobs_total']);
    expect(troubles(silent, { mayBeEmpty: 'needs KEDA' })).toEqual([]);
    expect(troubles([answer('jobs_lost_total', nothing)])).toEqual(['Jobs shows nothing: jobs_lost_total']);
  });

  it('is wrong when Prometheus refuses a query, whatever it says', () => {
    const refused = [answer('jobs_total', { ...nothing, error: 'parse error' })];
    expect(troubles(refused, { mayBeEmpty: 'needs KEDA' })).toEqual(['Jobs: parse error']);
  });

  it('is wrong when one of its queries has no answer, but for one that asks only for what did not happen', () => {
    expect(troubles([answer('jobs_total'), answer('jobs_dead_total', nothing)])).toEqual([
      'Jobs: no answer to jobs_dead_total',
    ]);
    expect(troubles([answer('jobs_total'), answer('jobs_lost_total', nothing)])).toEqual([]);
  });
});
