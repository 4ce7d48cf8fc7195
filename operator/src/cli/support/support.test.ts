import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { readSpec } from '@bundler/contract';
import { extract } from 'tar-stream';
import { type Answer, FakeApiServer, json } from '../../fixtures/fake-api-server.ts';
import { systemClock } from '../../runtime/clock.ts';
import { run } from '../run.ts';
import { plainValue, specFacts } from './facts.ts';
import { knownMetrics } from './pods.ts';
import { scrub } from './scrub.ts';

/** Part of everything that must never be in an archive. */
const MARK = 'hunter2';
let planted = 0;
/** Another secret; each has a number, so that a failure tells which came through. */
const secret = (): string => `${MARK}x${(planted += 1)}x`;
const ADMIN_KEY = `admin-${secret()}`;

const spec = {
  image: { repository: 'bundler', tag: '1.0.0' },
  database: { secretRef: { name: 'database' } },
  redis: { queue: { host: 'queue' }, cache: { host: 'cache' } },
  objectStore: { s3: { bucket: 'items', endpoint: `https://user:${secret()}@s3.example.com/${secret()}` } },
  arweave: {
    walletSecretRef: { name: 'wallet' },
    gateway: `https://gateway.example.com/v3/${secret()}?key=${secret()}`,
  },
  admin: { enabled: true, keysSecretRef: { name: 'admin-keys' } },
  podTemplate: { env: [{ name: 'VENDOR_LICENCE', value: secret() }], annotations: { 'vendor/licence': secret() } },
  upload: { service: { annotations: { 'proxy/credentials': secret() } } },
};

const config = {
  apiVersion: 'bundler.permaweb.dev/v1alpha1',
  kind: 'BundlerConfig',
  metadata: {
    name: 'demo',
    namespace: 'prod',
    uid: 'u',
    resourceVersion: '1',
    generation: 3,
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ password: secret() }) },
  },
  spec,
  status: {
    observedGeneration: 3,
    conditions: [
      { type: 'Ready', status: 'False', reason: 'X', message: `migration: postgres://b:${secret()}@db/x refused` },
    ],
    invented: secret(),
  },
};

const container = {
  name: 'upload',
  image: 'bundler:1.0.0',
  command: ['sh', '-c', `TOKEN=${secret()} node main.ts`],
  ports: [{ name: 'admin', containerPort: 9090 }],
  env: [
    { name: 'DB_POOL_MAX', value: '50' },
    { name: 'ARWEAVE_GATEWAY', value: `https://x:${secret()}@gateway.example.com/` },
    { name: 'SOMEBODY_PUT_IT_HERE', value: secret() },
    { name: 'DB_WRITER_URL', valueFrom: { secretKeyRef: { name: 'database', key: 'DB_WRITER_URL' } } },
  ],
  resources: { requests: { cpu: '1', memory: '1Gi' } },
};
const metadata = (name: string) => ({
  name,
  namespace: 'prod',
  labels: { 'app.kubernetes.io/component': 'upload', note: secret() },
  annotations: { note: secret() },
});
const deployment = {
  metadata: metadata('demo-upload'),
  spec: { replicas: 2, template: { spec: { containers: [container] } } },
};
const pod = {
  metadata: metadata('demo-upload-1'),
  spec: { nodeName: 'node-1', containers: [container] },
  status: {
    phase: 'Running',
    conditions: [],
    containerStatuses: [
      {
        name: 'upload',
        ready: false,
        restartCount: 2,
        state: { waiting: { reason: 'CrashLoopBackOff', message: `password=${secret()}` } },
        lastState: { terminated: { exitCode: 1, reason: 'Error', message: secret() } },
      },
    ],
  },
};
const event = {
  metadata: { name: 'e', namespace: 'prod', annotations: { note: secret() } },
  regarding: { kind: 'Pod', name: 'demo-upload-1' },
  reason: 'Unhealthy',
  note: `probe of http://admin:${secret()}@10.0.0.1/ failed`,
  eventTime: '2026-01-01T00:00:00Z',
};

const logLines = [
  `2026-01-01T00:00:00.1Z {"level":30,"msg":"redis://:${secret()}@cache down","authorization":"${secret()}","apiKey":"${secret()}"}`,
  `2026-01-01T00:00:00.2Z {"level":50,"err":{"message":"S3_SECRET_ACCESS_KEY=${secret()}"},"jwk":{"kty":"RSA","n":"AQAB","d":"${secret()}AAAAAAAAAAAAAAAA"}}`,
  `2026-01-01T00:00:00.3Z Error: host=db user=bundler password='${secret()} ${secret()}'`,
  `2026-01-01T00:00:00.4Z -----BEGIN PRIVATE KEY-----`,
  `2026-01-01T00:00:00.5Z ${secret()}`,
  `2026-01-01T00:00:00.6Z -----END PRIVATE KEY-----`,
  `2026-01-01T00:00:00.7Z Authorization: Bearer ${secret()}${secret()}`,
  `2026-01-01T00:00:00.8Z postgres://bundler:p@${secret()}/${secret()}@db:5432/bundler`,
  `2026-01-01T00:00:00.9Z whsec_${secret()}abc and sk_live_${secret()}abc`,
  `2026-01-01T00:00:01.0Z somebody typed ${ADMIN_KEY}`,
  '2026-01-01T00:00:01.1Z {"level":30,"msg":"an ordinary line","dataItemId":"c3Vyw7xfLXRlc3Q_abcdefghijklmnopqrstuvwxyz0"}',
];

const exposition = `# HELP queue_depth x\nqueue_depth{queue="plan"} 7\nsomebody_elses{note="${secret()}"} 1\n`;

/** A cluster with secrets in every place where somebody could have put one. */
const cluster: Answer = (received, response) => {
  const path = decodeURIComponent(received.path);
  const list = (...items: object[]) => json(200, { metadata: { resourceVersion: '1' }, items })(received, response);
  const one = (body: object) => json(200, body)(received, response);
  const words = (body: string) => void response.writeHead(200, { 'content-type': 'text/plain' }).end(body);
  if (path.endsWith('/version'))
    return one({ major: '1', minor: '34', gitVersion: 'v1.34.4', platform: 'linux/amd64' });
  if (path.endsWith('/bundlerconfigs/demo')) return one(config);
  if (path.endsWith('/secrets/demo-admin-key'))
    return one({
      metadata: metadata('demo-admin-key'),
      data: { 'admin-key': Buffer.from(ADMIN_KEY).toString('base64') },
    });
  if (path.endsWith('/proxy/admin/v1/snapshot'))
    return one({ takenAt: 1, failedJobs: [{ queue: 'post', failedReason: `https://a:${secret()}@gw/ refused` }] });
  if (path.endsWith('/log')) return words(`${logLines.join('\n')}\n`);
  if (path.endsWith(':9090/proxy/settings'))
    return one({
      generation: 3,
      settings: { DB_POOL_MAX: '50', DB_WRITER_URL: secret(), INVENTED: secret() },
      problem: secret(),
    });
  if (path.endsWith(':9090/proxy/bundler_metrics')) return words(exposition);
  if (path.endsWith('/pods')) return list(...(received.query.labelSelector?.includes('instance=demo') ? [pod] : []));
  if (path.endsWith('/deployments')) return list(deployment);
  if (path.endsWith('/events')) return list(event);
  if (/\/(jobs|controllerrevisions|horizontalpodautoscalers)$/.test(path)) return list();
  return json(404, { message: 'not here', details: { name: 'x' } })(received, response);
};

async function unpack(bytes: Uint8Array): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const reading = Readable.from([gunzipSync(bytes)]).pipe(extract());
  for await (const entry of reading) files.set(entry.header.name.replace(/^[^/]+\//, ''), await text(entry));
  return files;
}

describe('a support bundle', () => {
  let server: FakeApiServer;
  let saved: { path: string; bytes: Uint8Array } | undefined;
  let said = '';
  let code: number;
  let files: Map<string, string>;

  beforeAll(async () => {
    server = await FakeApiServer.start(cluster);
    code = await run(['support-bundle', 'demo', '-n', 'prod', '--file', 'x.tar.gz'], {
      version: '1.2.3',
      terminal: {
        out: (words) => (said += words),
        err: (words) => (said += words),
        isTty: false,
        colours: false,
        ask: undefined,
        read: () => Promise.reject(new Error('nothing to read')),
        save: async (path, bytes) => void (saved = { path, bytes }),
      },
      clock: systemClock,
      connect: async () => server.connection,
    });
    files = await unpack(saved!.bytes);
  });
  afterAll(() => server.close());

  it('is where it was wanted, and the command has done its work', () => {
    expect({ code, path: saved?.path }).toEqual({ code: 0, path: 'x.tar.gz' });
    expect(said).toMatch(/^x\.tar\.gz holds \d+ files/);
  });

  it('holds no secret, wherever somebody has put one', () => {
    expect(planted).toBeGreaterThan(35);
    const shown = [...files].flatMap(([name, words]) =>
      words.split('\n').flatMap((line) => (line.includes(MARK) ? [`${name}: ${line}`] : [])),
    );
    expect(shown).toEqual([]);
    expect(said).not.toContain(MARK);
  });

  it('sent the key to the admin service only', () => {
    const told = server.requests.filter(({ headers }) => JSON.stringify(headers).includes(ADMIN_KEY));
    expect(told.map(({ path }) => path)).toEqual([
      '/api/v1/namespaces/prod/services/demo-admin%3Ahttp/proxy/admin/v1/snapshot',
    ]);
  });

  it('holds what helps', () => {
    const of = (name: string) => JSON.parse(files.get(name) ?? 'null');
    expect(of('versions.json')).toMatchObject({ kubernetes: 'v1.34.4', node: process.version });
    expect(of('bundlerconfig.json')).toMatchObject({
      metadata: { generation: 3 },
      spec: {
        'database.pool.max': 50,
        'database.secretRef.name': 'database',
        'arweave.gateway': 'https://gateway.example.com',
      },
      status: { conditions: [{ type: 'Ready', message: 'migration: postgres://***@db/x refused' }] },
    });
    expect(of('workloads-actual.json')).toMatchObject([
      {
        name: 'demo-upload',
        replicas: 2,
        containers: [
          {
            image: 'bundler:1.0.0',
            requests: { cpu: '1', memory: '1Gi' },
            env: { DB_POOL_MAX: '50', SOMEBODY_PUT_IT_HERE: '(not shown)', DB_WRITER_URL: { from: ['secretKeyRef'] } },
          },
        ],
      },
    ]);
    expect(of('pods.json')).toMatchObject([
      { name: 'demo-upload-1', node: 'node-1', containers: [{ restartCount: 2, lastEnd: { exitCode: 1 } }] },
    ]);
    expect(of('events.json')).toMatchObject([{ about: 'Pod/demo-upload-1', reason: 'Unhealthy' }]);
    expect(of('queues.json')).toMatchObject({ failedJobs: [{ queue: 'post' }] });
    expect(of('pods/demo-upload-1/settings.json')).toEqual({ generation: 3, settings: { DB_POOL_MAX: '50' } });
    expect(files.get('pods/demo-upload-1/metrics.txt')).toBe('queue_depth{queue="plan"} 7\n');
    // A container that has died before has two logs.
    for (const log of ['upload.log', 'upload.previous.log']) {
      const words = files.get(`pods/demo-upload-1/${log}`);
      expect(words).toContain('"an ordinary line","dataItemId":"c3Vyw7xfLXRlc3Q_abcdefghijklmnopqrstuvwxyz0"');
      expect(words?.split('\n')[0]).toMatch(/^2026-01-01T00:00:00.1Z \{"level":30,"msg":"redis:\/\/\*\*\*@cache down"/);
    }
    expect(JSON.parse(files.get('doctor.json')!)).toContainEqual(expect.objectContaining({ about: 'Kubernetes' }));
  });

  it('names what could not be had, and holds the rest', () => {
    expect(files.get('problems.txt')).toContain('workloads-rendered.json: no revision');
    expect(said).toContain('not in it:\n  workloads-rendered.json');
  });
});

describe('both walls by themselves', () => {
  it('takes only where an address leads', () => {
    expect(plainValue('https://a:b@host:1/path?x=y,redis://:c@other/0')).toBe('https://host:1,redis://other');
    expect(plainValue({ b: 1, a: 2 })).toEqual({ fields: ['a', 'b'] });
    expect(plainValue(['x', 'https://host/key'])).toEqual(['x', 'https://host']);
    expect(plainValue([{ name: 'x' }])).toBe('(1 entries)');
  });

  it('takes every declared field of a spec, and no other', () => {
    const facts = specFacts(readSpec({ ...spec, invented: { deep: 'x' } }, 'cluster').config);
    expect(Object.keys(facts).length).toBeGreaterThan(150);
    expect(JSON.stringify(facts)).not.toContain('invented');
  });

  it('scrubs whatever somebody else took, also a value that it is told', () => {
    for (const line of logLines) expect(scrub(line.replace(ADMIN_KEY, 'k-1'), ['k-1'])).not.toMatch(/k-1|password='h/);
    expect(scrub(logLines.join('\n'), [ADMIN_KEY])).not.toContain(MARK);
    expect(JSON.parse(scrub(JSON.stringify({ list: [{ apiToken: secret() }] })))).toEqual({
      list: [{ apiToken: '***' }],
    });
  });

  it('leaves metrics out that nobody has declared', () => {
    expect(knownMetrics(exposition)).toBe('queue_depth{queue="plan"} 7\n');
  });
});
