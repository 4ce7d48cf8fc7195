import type { Config, QueueName } from '@bundler/contract';
import { jobsAtOnce, parseQueues, withinPool } from './queues.ts';

const config = (values: Partial<Config>) =>
  ({ planConcurrency: 5, seedConcurrency: 2, databasePoolMax: 50, planPaused: false, ...values }) as Config;

describe('--queues', () => {
  it('names queues, or all of them', () => {
    expect(parseQueues('plan, seed')).toEqual(['plan', 'seed']);
    expect(parseQueues('all')).toContain('cleanup');
    expect(() => parseQueues('plan,sed')).toThrow('there is no queue "sed"');
  });
});

describe('jobsAtOnce', () => {
  it('is the concurrency, and nothing while the queue is paused', () => {
    expect(jobsAtOnce('plan', config({}))).toBe(5);
    expect(jobsAtOnce('plan', config({ planPaused: true }))).toBe(0);
  });
});

describe('withinPool', () => {
  const served: QueueName[] = ['plan', 'seed'];
  const current = config({});

  it('obeys a concurrency for which the pool is large enough', () => {
    expect(withinPool(served, 8)(config({ planConcurrency: 6 }), current).planConcurrency).toBe(6);
  });

  it('keeps the concurrency of all its queues when the pool is too small, and obeys all else', () => {
    const asked = config({ planConcurrency: 7, seedConcurrency: 1, logLevel: 'debug' });
    expect(withinPool(served, 8)(asked, current)).toMatchObject({ planConcurrency: 7, seedConcurrency: 1 });
    const more = config({ planConcurrency: 8, seedConcurrency: 1, logLevel: 'debug' });
    expect(withinPool(served, 8)(more, current)).toMatchObject({
      planConcurrency: 5,
      seedConcurrency: 2,
      logLevel: 'debug',
    });
  });

  it('obeys any concurrency when the pool is as large as the configuration lets it be', () => {
    const small = config({ databasePoolMax: 4, planConcurrency: 90 });
    expect(withinPool(served, 4)(small, current).planConcurrency).toBe(90);
  });
});
