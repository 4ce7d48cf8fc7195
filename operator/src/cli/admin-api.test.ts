import type { AdminBundle, AdminJob, AdminQueueDetail, AdminTrace } from '@bundler/contract';
import { type Answer, FakeApiServer, json } from '../fixtures/fake-api-server.ts';
import { systemClock } from '../runtime/clock.ts';
import { detailLines } from './commands/queue.ts';
import { bundleLines, traceLines } from './commands/trace.ts';
import { run } from './run.ts';

const SERVICE = '/api/v1/namespaces/prod/services/demo-admin:http/proxy/admin/v1';
const ID = '-3Vyw7xfLXRlc3Q_abcdefghijklmnopqrstuvwxyz0';
const NOW = new Date(1_000_000_000);

const counts = { waiting: 1, active: 0, delayed: 0, failed: 2, workers: 3, oldestAt: NOW.getTime() - 150_000 };
const job: AdminJob = {
  queue: 'post',
  id: '7',
  state: 'failed',
  payload: { bundleId: 'b' },
  attempts: 3,
  failedReason: 'the gateway said 400\n    at somewhere',
  addedAt: NOW.getTime() - 7_200_000,
  startedAt: null,
  endedAt: NOW.getTime() - 60_000,
};
const detail: AdminQueueDetail = {
  queue: { queue: 'post', ...counts },
  doc: 'Posts.',
  failed: [job],
  active: [],
  waiting: [],
};
const bundle: AdminBundle = {
  id: '11111111-1111-4111-8111-111111111111',
  state: 'seeded',
  featureType: '',
  oversized: false,
  itemCount: 3,
  byteCount: 1000,
  txId: 'tx',
  signedHeight: 5,
  seededChunks: 4,
  blockHeight: null,
  failedReason: null,
  createdAt: 1000,
  movedAt: 3500,
  checkedAt: 4000,
};
const unknown: AdminTrace = {
  id: ID,
  state: 'unknown',
  item: null,
  bundle: null,
  upload: null,
  unbundling: null,
  nested: [],
  opticalBacklog: [],
  jobs: [],
  events: [],
  nextSteps: ['ask a gateway'],
};

describe('what the admin service tells', () => {
  it('is a queue with its failed jobs, when they failed and why', () => {
    const lines = detailLines(detail, NOW).map((line) => line.replaceAll(/ {2,}/g, '  '));
    expect(lines).toEqual([
      'Posts.',
      'QUEUE  WAITING  ACTIVE  DELAYED  FAILED  WORKERS  OLDEST',
      'post  1  0  0  2  3  2 min',
      'failed, the latest',
      '  7  3 tries, 60 s ago  {"bundleId":"b"}',
      '  the gateway said 400',
      '  at somewhere',
    ]);
  });

  it('is the life of an item, and a command where the service names a route', () => {
    const nextSteps = ['mend the cause, then retry it: POST /admin/v1/queues/put-offsets/retry.'];
    const events = [
      { at: 1000, what: 'accepted' },
      { at: 3500, what: 'bundle seeded' },
    ];
    const lines = traceLines({ ...unknown, state: 'seeded', bundle, events, nextSteps }, 'demo');
    expect(lines[0]).toBe(`${ID}  seeded`);
    expect(lines).toContain('  1970-01-01T00:00:03.500Z  +2.5 s  bundle seeded');
    expect(lines.at(-1)).toBe('  mend the cause, then retry it: kubectl bundler queue demo put-offsets --retry.');
  });

  it('is a bundle with its items', () => {
    const lines = bundleLines({ bundle, items: ['a', 'b'], jobs: [job] });
    expect(lines).toContain('  transaction  tx');
    expect(lines.slice(-3)).toEqual(['  a', '  b', '  and 1 more']);
    expect(lines).toContain('  1970-01-01T00:00:04.000Z  +3.0 s  looked at last');
  });
});

describe('the way to the admin service', () => {
  let server: FakeApiServer;
  let enabled = true;
  /** What the Secret with the key, and the service, answer. */
  let secret: Answer;
  let service: Answer;

  const words =
    (code: number, body: string): Answer =>
    (_, response) =>
      void response.writeHead(code, { 'content-type': 'text/plain' }).end(body);
  const kube = (code: number, reason: string) =>
    json(code, { kind: 'Status', reason, message: `said ${reason}`, details: { name: 'x' } });
  const holding = (key: string) => json(200, { data: { 'admin-key': Buffer.from(key).toString('base64') } });

  beforeAll(async () => {
    server = await FakeApiServer.start((received, response) => {
      if (received.path.endsWith('/bundlerconfigs/demo'))
        return json(200, { metadata: { name: 'demo', namespace: 'prod' }, spec: { admin: { enabled } } })(
          received,
          response,
        );
      if (received.path.endsWith('/secrets/demo-admin-key')) return secret(received, response);
      return service(received, response);
    });
  });
  beforeEach(() => {
    enabled = true;
    secret = holding('the-key\n');
    service = json(200, detail);
    server.requests.length = 0;
  });
  afterAll(() => server.close());

  async function say(argv: readonly string[], answer?: string) {
    const said = { out: '', err: '' };
    const code = await run([...argv, '-n', 'prod'], {
      version: '1.2.3',
      terminal: {
        out: (text) => (said.out += text),
        err: (text) => (said.err += text),
        isTty: true,
        colours: false,
        ask: answer === undefined ? undefined : async () => answer,
        read: async (path) => {
          if (path === 'key') return 'of-the-file\n';
          throw new Error(`no ${path}`);
        },
        save: () => Promise.reject(new Error('nowhere to write')),
      },
      clock: systemClock,
      connect: async () => ({ ...server.connection, close: async () => undefined }),
    });
    return { code, ...said };
  }
  const asked = () =>
    server.requests
      .map(({ method, path, query, headers, body }) => ({
        request: `${method} ${decodeURIComponent(path)}`,
        query,
        key: headers['x-bundler-admin-key'],
        body,
      }))
      .filter(({ request }) => request.includes('/proxy/'));

  it('goes through the proxy of its Service, with the key of the Secret in a header of its own', async () => {
    expect(await say(['queue', 'demo', 'post', '--limit', '5'])).toMatchObject({ code: 0, err: '' });
    expect(asked()).toEqual([
      { request: `GET ${SERVICE}/queues/post`, query: { limit: '5' }, key: 'the-key', body: '' },
    ]);
    await say(['queue', 'demo', 'post', '--admin-key-file', 'key']);
    expect(asked()[1]?.key).toBe('of-the-file');
    // The credentials for the API server stay what they are.
    expect(server.requests.every(({ headers }) => headers.authorization?.startsWith('Bearer token-'))).toBe(true);
  });

  it('retries failed jobs only when a person, or --yes, says so', async () => {
    service = (received, response) =>
      json(200, received.method === 'POST' ? { retried: 2 } : detail)(received, response);
    const posts = () => asked().filter(({ request }) => request.startsWith('POST'));
    expect((await say(['queue', 'demo', 'post', '--retry'])).code).toBe(2);
    expect((await say(['queue', 'demo', 'post', '--retry'], 'n')).err).toContain('nothing was changed');
    expect(posts()).toEqual([]);
    expect((await say(['queue', 'demo', 'post', '--retry'], 'y')).out).toContain('2 wait again');
    await say(['queue', 'demo', 'post', '--retry', '--job', '7', '--job', '8', '--yes']);
    expect(posts().map(({ body }) => JSON.parse(body))).toEqual([{}, { jobs: ['7', '8'] }]);
    const missing = await say(['queue', 'demo', 'post', '--retry', '--job', '1', '--job', '2', '--job', '3', '--yes']);
    expect(missing.code).toBe(1);
  });

  it('looks for a bundle where nobody has sent an item, and takes an id that begins with a dash', async () => {
    service = (received, response) =>
      json(200, received.path.includes('/bundles/') ? { bundle, items: [], jobs: [] } : unknown)(received, response);
    const argv = ['-n', 'prod', 'trace', 'demo', '--', ID];
    const told = await run(argv, {
      version: '1',
      terminal: {
        out: () => undefined,
        err: () => undefined,
        isTty: false,
        colours: false,
        ask: undefined,
        read: async () => '',
        save: async () => undefined,
      },
      clock: systemClock,
      connect: async () => ({ ...server.connection, close: async () => undefined }),
    });
    expect(told).toBe(0);
    expect(asked().map(({ request }) => request)).toEqual([
      `GET ${SERVICE}/trace/${ID}`,
      `GET ${SERVICE}/bundles/${ID}`,
    ]);
    service = (received, response) =>
      (received.path.includes('/bundles/') ? words(404, 'Not found') : json(200, unknown))(received, response);
    const id = ID.replace('-', 'a');
    expect(await say(['trace', 'demo', id])).toMatchObject({
      code: 1,
      out: expect.stringContaining('next\n  ask a gateway'),
    });
    expect((await say(['trace', 'demo', 'short'])).code).toBe(2);
  });

  it.each([
    [
      'no Secret',
      () => {
        secret = kube(404, 'NotFound');
      },
      'create secret generic demo-admin-key --from-file=admin-key=FILE',
    ],
    [
      'no right to the Secret',
      () => {
        secret = kube(403, 'Forbidden');
      },
      'may not read Secret prod/demo-admin-key',
    ],
    [
      'a Secret with something else',
      () => {
        secret = json(200, { data: { other: '' } });
      },
      'has no key "admin-key"',
    ],
    [
      'digests in the place of the key',
      () => {
        secret = holding('0a1b alice\n');
      },
      'holds no admin key',
    ],
    [
      'a key that the service does not know',
      () => {
        service = words(401, 'A key is required');
      },
      'does not know the key in Secret prod/demo-admin-key',
    ],
    [
      'no right to the proxy',
      () => {
        service = kube(403, 'Forbidden');
      },
      'services/proxy for "demo-admin:http"',
    ],
    [
      'no Service',
      () => {
        service = kube(404, 'NotFound');
      },
      'there is no Service prod/demo-admin yet',
    ],
    [
      'no pod',
      () => {
        service = kube(503, 'ServiceUnavailable');
      },
      'app.kubernetes.io/component=admin',
    ],
    [
      'a service that is off',
      () => {
        enabled = false;
      },
      'the admin service of demo is off',
    ],
    [
      'an answer of the service',
      () => {
        service = words(400, 'invalid request');
      },
      'the admin service of demo says: invalid request',
    ],
  ])('says what to do about %s', async (_, arrange, message) => {
    arrange();
    expect(await say(['queue', 'demo', 'post'])).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining(message),
    });
  });

  it('says that a file of a key cannot be read, and asks nobody', async () => {
    const told = await say(['queue', 'demo', '--admin-key-file', 'nowhere']);
    expect(told).toMatchObject({ code: 1, err: expect.stringContaining('no nowhere') });
    expect(asked()).toEqual([]);
  });

  it.each([
    [['queue'], 'needs the name'],
    [['queue', 'demo', 'nothing'], 'no queue is called "nothing"'],
    [['queue', 'demo', '--retry'], 'need the name of a queue'],
    [['queue', 'demo', 'post', '--job', '7'], '--job is for --retry'],
    [['queue', 'demo', 'post', '--limit', '0'], '--limit is'],
    [['support-bundle', 'demo', '--log-lines', 'x'], '--log-lines is'],
  ])('%j makes no sense', async (argv, message) => {
    expect(await say(argv)).toMatchObject({ code: 2, err: expect.stringContaining(message) });
  });
});
