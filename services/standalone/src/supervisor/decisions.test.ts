import { readSpec } from '@bundler/contract';
import { render } from '@bundler/operator';
import { backoff } from './backoff.ts';
import { diff, type Phase, type Running } from './diff.ts';
import { judge } from './rollout.ts';
import { toDesired } from './template.ts';

let nextId = 1;
const running = (hash: string, ...phases: Phase[]): Running[] =>
  phases.map((phase) => ({ id: nextId++, deployment: 'app', hash, phase }));
const goal = (hash: string, replicas: number) => [{ deployment: 'app', hash, replicas }];
const starts = (count: number, hash: string) => Array(count).fill({ kind: 'start', deployment: 'app', hash });
const stops = (processes: Running[]) => processes.map(({ id }) => ({ kind: 'stop', id }));

describe('diff', () => {
  it('does nothing when what should run runs, whatever its state', () => {
    expect(diff(goal('a', 4), running('a', 'ready', 'starting', 'waiting', 'unready'))).toEqual([]);
  });

  it('starts what is missing and does not count what is leaving', () => {
    expect(diff(goal('a', 3), running('a', 'ready', 'stopping'))).toEqual(starts(2, 'a'));
  });

  it('starts the new version beside the old one first', () => {
    expect(diff(goal('b', 2), running('a', 'ready', 'ready'))).toEqual(starts(2, 'b'));
  });

  it('keeps the old version until all of the new one is ready', () => {
    const old = running('a', 'ready', 'unready');
    expect(diff(goal('b', 2), [...old, ...running('b', 'ready', 'starting')])).toEqual([]);
    expect(diff(goal('b', 2), [...old, ...running('b', 'ready', 'ready')])).toEqual(stops(old));
  });

  it('stops at once what is of another version and serves nobody', () => {
    const useless = running('a', 'starting', 'waiting');
    expect(diff(goal('b', 1), [...useless, ...running('b', 'starting')])).toEqual(stops(useless));
  });

  it('gives up processes that serve nobody before others, and young ones before old ones', () => {
    const [first, second, third] = running('a', 'ready', 'waiting', 'ready');
    expect(diff(goal('a', 1), [first!, second!, third!])).toEqual(stops([third!, second!]));
  });

  it('stops what belongs to no Deployment any more', () => {
    const orphans = running('a', 'ready', 'starting');
    expect(diff([], orphans)).toEqual(stops(orphans));
  });
});

describe('backoff', () => {
  it('waits 0.2 s, then twice as long each time, and never more than 5 s', () => {
    let crashes = 0;
    const delays = Array.from({ length: 7 }, () => {
      const next = backoff(crashes, 100);
      crashes = next.crashes;
      return next.delayMs;
    });
    expect(delays).toEqual([200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it('forgets earlier crashes after 10 s of running', () => {
    expect(backoff(6, 10_000)).toEqual({ crashes: 1, delayMs: 200 });
  });
});

describe('judge', () => {
  const view = { replicas: 2, overdue: false, deadlineMs: 60_000 };
  const ready = { phase: 'ready', crashes: 0 } as const;

  it('is done when every replica is ready, however late', () => {
    expect(judge({ ...view, overdue: true, processes: [ready, ready] })).toEqual({ state: 'done' });
  });

  it('waits until the deadline, then says how many were ready', () => {
    const processes = [ready, { phase: 'starting', crashes: 0 } as const];
    expect(judge({ ...view, processes })).toEqual({ state: 'progressing' });
    expect(judge({ ...view, overdue: true, processes })).toEqual({
      state: 'failed',
      reason: '1 of 2 were ready after 60 s',
    });
  });

  it('does not wait for the deadline when a new process keeps ending', () => {
    const processes = [ready, { phase: 'waiting', crashes: 4 } as const];
    expect(judge({ ...view, processes })).toEqual({ state: 'failed', reason: 'a new process ended 4 times in a row' });
  });
});

describe('toDesired', () => {
  const { config } = readSpec({ workers: { layout: 'Combined' }, shutdown: { announce: '0s', drain: '5s' } });
  const desired = (env: Parameters<typeof render>[1]['platform']['env'], more: Partial<typeof config> = {}) =>
    render(
      { ...config, ...more },
      {
        name: 'local',
        namespace: 'default',
        generation: 1,
        image: '',
        platform: { env, mounts: { live: '/live' } },
      },
    ).flatMap((manifest) => (manifest.kind === 'Deployment' ? toDesired(manifest) : []));

  it('reads what the renderer writes', () => {
    const [upload, workers] = desired({ DB_WRITER_URL: { value: 'postgres://here' } });
    expect(upload).toMatchObject({
      replicas: 2,
      template: {
        deployment: 'local-upload',
        serves: true,
        graceMs: 15_000,
        preloads: [],
        args: ['services/upload/src/main.ts'],
      },
    });
    expect(workers!.template).toMatchObject({
      serves: false,
      args: ['services/workers/src/main.ts', '--queues', 'all'],
      env: { DB_WRITER_URL: 'postgres://here', DB_WORKER_POOL_MAX: '48' },
    });
  });

  it('tells what is loaded before a script from the script', () => {
    const [upload, workers] = desired({}, { tracingEnabled: true });
    expect([upload!.template.preloads, workers!.template.preloads]).toEqual([
      ['@bundler/tracing/preload'],
      ['@bundler/tracing/preload'],
    ]);
    expect(workers!.template.args).toEqual(['services/workers/src/main.ts', '--queues', 'all']);
  });

  it('refuses a variable that only a cluster could resolve', () => {
    expect(() => desired({ DB_WRITER_URL: { secretKeyRef: { name: 'db', key: 'url' } } })).toThrow(
      'local-upload: DB_WRITER_URL comes from a Secret; on one machine it needs a value',
    );
  });
});
