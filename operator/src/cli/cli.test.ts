import { readSpec } from '@bundler/contract';
import { FakeApiServer, json } from '../fixtures/fake-api-server.ts';
import { systemClock } from '../runtime/clock.ts';
import { UsageError } from './command.ts';
import { leaseCheck } from './commands/doctor.ts';
import { patchOf, queueOf } from './commands/pause.ts';
import { choose } from './commands/restart.ts';
import { targetOf } from './commands/rollback.ts';
import { budgetOf, withSettings } from './edit.ts';
import { budgetLines } from './plan-text.ts';
import { troubleOf } from './pod-trouble.ts';
import { type RunOptions, run } from './run.ts';
import { painter, table } from './text.ts';

const minimal = {
  image: { repository: 'bundler', tag: '1.0.0' },
  database: { secretRef: { name: 'database' } },
  redis: { queue: { host: 'queue' }, cache: { host: 'cache' } },
  objectStore: { s3: { bucket: 'items' } },
  arweave: { walletSecretRef: { name: 'wallet' } },
};

async function say(...argv: string[]) {
  return sayTo(() => Promise.reject(new Error('no cluster')), ...argv);
}

async function sayTo(connect: RunOptions['connect'], ...argv: string[]) {
  const said = { out: '', err: '' };
  const code = await run(argv, {
    version: '1.2.3',
    terminal: {
      out: (text) => (said.out += text),
      err: (text) => (said.err += text),
      isTty: true,
      colours: false,
      ask: undefined,
      read: () => Promise.reject(new Error('nothing to read')),
    },
    clock: systemClock,
    connect,
  });
  return { code, ...said };
}

describe('capacity', () => {
  it('needs no cluster for a platform with the defaults', async () => {
    const { code, out } = await say('capacity', '--uploads-per-second', '10');
    expect(code).toBe(0);
    expect(out).toContain('a platform with the defaults bears it');
  });

  it.each([
    [[], '--uploads-per-second is a number above 0'],
    [['--uploads-per-second', 'many'], 'got "many"'],
    [['--uploads-per-second', '10', '--mix', 'x'], 'a mix is sizes'],
    [['--uploads-per-second', '10', '--check'], '--check needs the name'],
  ])('%j makes no sense', async (argv, message) => {
    const { code, err } = await say('capacity', ...argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('the command line', () => {
  it.each([
    [['nope'], 'there is no command "nope"'],
    [['status', '--what'], '--what'],
    [['status', '-o', 'xml'], '-o takes text or json'],
  ])('%j makes no sense', async (argv, message) => {
    const { code, err } = await say(...argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it('takes options before the command, as kubectl does', async () => {
    expect(await say('-n', 'prod', 'status', '-o', 'xml')).toMatchObject({
      code: 2,
      err: expect.stringContaining('"xml"'),
    });
  });

  it('helps without a cluster, and says when there is none', async () => {
    expect(await say('plan', '--help')).toMatchObject({ code: 0, err: '' });
    expect(await say('status')).toEqual({ code: 1, out: '', err: 'error: no cluster\n' });
  });

  it('names itself to the API server, so that an audit log tells a person from the operator', async () => {
    const server = await FakeApiServer.start(json(404, { message: 'not here' }));
    try {
      for (const command of ['status', 'doctor']) await sayTo(async () => server.connection, command, 'demo');
      const agents = new Set(server.requests.map(({ headers }) => headers['user-agent']));
      expect([...agents]).toEqual(['kubectl-bundler/1.2.3']);
    } finally {
      await server.close();
    }
  });
});

describe('the pure parts', () => {
  it('puts values at paths of the spec, and knows the paths', () => {
    expect(withSettings({ suspend: true }, ['database.pool.max=55', 'image.tag=v2'])).toEqual({
      suspend: true,
      database: { pool: { max: 55 } },
      image: { tag: 'v2' },
    });
    expect(() => withSettings({}, ['database.pol=1'])).toThrow(UsageError);
    expect(() => withSettings({}, ['x'])).toThrow('path=value');
  });

  it('pauses by either form of a name', () => {
    expect(patchOf(true, [queueOf('new-data-item'), queueOf('plan')])).toEqual({
      spec: { workers: { newDataItem: { paused: true }, plan: { paused: true } } },
    });
    expect(patchOf(false, [])).toEqual({ spec: { suspend: false } });
    expect(() => queueOf('x')).toThrow(UsageError);
  });

  it('goes back to the newest good revision that differs, or to the one that is named', () => {
    const attempt = { generation: 1, retry: '', outcome: 'Good', wave: 'UploadApi', since: '' } as const;
    const revisions = [
      { name: 'a', number: 1, spec: { spec: { suspend: 1 } }, attempt },
      { name: 'b', number: 2, spec: { spec: {} }, attempt: { ...attempt, outcome: 'Failed' as const } },
    ];
    expect(targetOf({ spec: {} }, revisions, undefined).name).toBe('a');
    expect(targetOf({ spec: {} }, revisions, '2').name).toBe('b');
    expect(() => targetOf({ spec: {} }, revisions, '9')).toThrow('there are 2 (b), 1 (a)');
    expect(() => targetOf({ spec: {} }, [], undefined)).toThrow('no earlier revision');
  });

  it('names the components when one is not known', () => {
    const upload = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'x', labels: { 'app.kubernetes.io/component': 'upload' } },
    };
    expect(choose([upload], [])).toEqual([upload]);
    expect(() => choose([upload], ['plan'])).toThrow('there are upload');
  });

  it('tells a fresh Lease from a stale one', () => {
    const now = new Date('2026-01-01T00:01:00Z');
    const spec = { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime: '2026-01-01T00:00:55Z' };
    expect(leaseCheck(spec, 'it', now).level).toBe('ok');
    expect(leaseCheck({ ...spec, renewTime: '2026-01-01T00:00:30Z' }, 'it', now).level).toBe('fail');
    expect(leaseCheck({ ...spec, holderIdentity: '' }, 'it', now).level).toBe('fail');
  });

  it('counts one pod and several pods', () => {
    const { config } = readSpec({ ...minimal, upload: { autoscaling: { mode: 'Fixed' }, replicas: 1 } }, 'cluster');
    const lines = budgetLines(undefined, budgetOf(config), painter(false)).map((line) => line.replaceAll(/ +/g, ' '));
    expect(lines).toEqual(expect.arrayContaining([' migrations 1 pod × 2 = 2', ' upload 2 pods × 50 = 100']));
    expect(lines).toEqual(expect.arrayContaining([expect.stringMatching(/^ workers-oversized-data-item 1 job /)]));
  });

  it('says why a pod does not work, and nothing of one that starts', () => {
    const pod = (status: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, status });
    const waiting = (reason: string) =>
      pod({
        containerStatuses: [
          {
            name: 'c',
            restartCount: 3,
            state: { waiting: { reason } },
            lastState: { terminated: { exitCode: 1, reason: 'Error' } },
          },
        ],
      });
    expect(troubleOf(waiting('CrashLoopBackOff'))).toBe('CrashLoopBackOff: Error with exit code 1, 3 restarts');
    expect(troubleOf(waiting('ContainerCreating'))).toBeUndefined();
  });

  it('aligns columns, and colours only where asked', () => {
    expect(
      table([
        ['a', 'b'],
        ['ccc', 'd'],
      ]),
    ).toEqual(['a    b', 'ccc  d']);
    expect(painter(false)('bad', 'x')).toBe('x');
    expect(painter(true)('bad', 'x')).toContain('\u001b[');
  });
});
