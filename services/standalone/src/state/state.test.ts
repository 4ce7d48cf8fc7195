import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processIdentity } from '../embedded/process/process-table.ts';
import { progressLines } from './progress.ts';
import { isReady, type State } from './state.ts';
import { isRunning, readState, StateWriter } from './state-file.ts';
import { describeState } from './table.ts';

const part = { name: 'postgres', phase: 'ready', detail: '', pid: 11, restarts: 0 } as const;
const deployment = { name: 'local-upload', replicas: 2, ready: 2, refused: undefined };
const state: State = {
  supervisor: { pid: process.pid, identity: processIdentity(process.pid) ?? '' },
  startedAt: '2026-01-01T00:00:00.000Z',
  readings: 1,
  parts: [part],
  deployments: [deployment],
  processes: [
    {
      name: 'local-upload-1',
      deployment: 'local-upload',
      phase: 'ready',
      pid: 12,
      adminPort: 9301,
      restarts: 3,
      current: true,
    },
  ],
  revision: { number: 2, hash: 'abcd1234', since: '2026-01-01T00:01:00.000Z' },
  overridden: ['LOG_LEVEL'],
  urls: { upload: 'http://127.0.0.1:3001', gateway: 'http://127.0.0.1:1984' },
};

describe('isReady', () => {
  it('is true when every part and every replica is', () => {
    expect(isReady(state)).toBe(true);
  });

  it('is true when a new version was given up, because the one before serves', () => {
    expect(isReady({ ...state, deployments: [{ ...deployment, ready: 0, refused: 'it crashed' }] })).toBe(true);
  });

  it.each<[string, Partial<State>]>([
    ['a part restarts', { parts: [{ ...part, phase: 'restarting' }] }],
    ['a replica is missing', { deployments: [{ ...deployment, ready: 1 }] }],
    ['no Deployment is known yet', { deployments: [] }],
  ])('is false when %s', (_, changes) => {
    expect(isReady({ ...state, ...changes })).toBe(false);
  });
});

describe('the state file', () => {
  let directory = '';
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'state-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('holds the last of many states, and no half-written file beside it', async () => {
    const path = join(directory, 'state.json');
    const writer = new StateWriter(path);
    for (const readings of [1, 2, 3, 4]) writer.write({ ...state, readings });
    await writer.settled();
    expect((await readState(path))!.readings).toBe(4);
    expect(await readdir(directory)).toEqual(['state.json']);
    await writer.remove();
    expect(await readState(path)).toBeUndefined();
  });

  it('does not take another process with the same number for the supervisor', () => {
    expect(isRunning(state)).toBe(true);
    expect(isRunning({ ...state, supervisor: { pid: process.pid, identity: 'an earlier one' } })).toBe(false);
  });
});

describe('describeState', () => {
  it('shows parts, processes, the configuration in effect and what stands over it', () => {
    const text = describeState(state);
    expect(text).toMatch(/^postgres +ready +11 +0$/m);
    expect(text).toMatch(/^local-upload-1 +ready +12 +3 +admin port 9301$/m);
    expect(text).toContain('2 (abcd1234), in effect since 2026-01-01T00:01:00.000Z');
    expect(text).toContain('LOG_LEVEL');
    expect(text).not.toContain('REFUSED');
  });

  it('shows whose live settings a process obeys, when it has said so', () => {
    const text = describeState(state, new Map([['local-upload-1', 2]]));
    expect(text).toMatch(/^local-upload-1 .* admin port 9301, settings of configuration 2$/m);
  });

  it('shows a refused configuration and a version that was given up', () => {
    const text = describeState({
      ...state,
      deployments: [{ ...deployment, refused: 'it crashed' }],
      refusal: { at: 'noon', problems: ['spec.typo is not known'] },
    });
    expect(text).toContain('REFUSED local-upload: it crashed');
    expect(text).toContain('REFUSED at noon; the last good configuration stays:\n  spec.typo is not known');
  });
});

describe('progressLines', () => {
  it('says what each part is doing, and nothing of parts that have not begun', () => {
    const parts = [
      part,
      { ...part, name: 'redis-queue', phase: 'starting', detail: 'fetching' } as const,
      { ...part, name: 'migrations', phase: 'waiting' } as const,
    ];
    expect([...progressLines({ parts, deployments: [{ ...deployment, ready: 1 }] })]).toEqual([
      ['postgres', 'ready'],
      ['redis-queue', 'starting: fetching'],
      ['local-upload', 'starting (1 of 2 ready)'],
    ]);
  });
});
