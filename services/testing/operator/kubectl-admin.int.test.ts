import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { promisify } from 'node:util';
import type { AdminQueueDetail } from '@bundler/contract';
import { run } from '@bundler/operator/cli';
import { connectWithKubeConfig, type KubeObject } from '@bundler/operator/kube';
import type { PolicyRule } from '@bundler/operator/rbac';
import { systemClock } from '@bundler/operator/runtime';
import { ask, type KubeConnection, kubeconfig } from '../kube/connection.ts';
import { findControlPlane } from '../kube/index.ts';
import { describeUnless, failJob, Platform, type PlatformProcess, until } from '../src/index.ts';
import { accountWith } from './kit/account.ts';
import { type PluginRun, runPlugin } from './kit/plugin.ts';
import { Stage } from './kit/stage.ts';

import.meta.jest.setTimeout(60_000);

const kube = await findControlPlane(process.env);
const PATIENCE_MS = 60_000;
const KEY = randomBytes(32).toString('base64url');
const MARK = 'hunter2';

/** The API server refuses to pass requests on to loopback, so that the admin service needs another address of this machine. */
const address = Object.values(networkInterfaces())
  .flatMap((found) => found ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
const missing = kube.missing ?? (address ? undefined : 'no address but loopback: connect this machine to a network');

const read = (apiGroups: string[], ...resources: string[]): PolicyRule => ({
  apiGroups,
  resources,
  verbs: ['get', 'list'],
});
/** No right to read any Secret but that of the key, and to reach no Service but that of the admin service. */
const rules: (PolicyRule & { readonly resourceNames?: readonly string[] })[] = [
  read(['bundler.permaweb.dev'], 'bundlerconfigs'),
  read([''], 'pods', 'pods/log'),
  read(['apps'], 'deployments', 'controllerrevisions'),
  read(['batch'], 'jobs'),
  read(['autoscaling'], 'horizontalpodautoscalers'),
  read(['events.k8s.io'], 'events'),
  { apiGroups: [''], resources: ['secrets'], resourceNames: ['demo-admin-key'], verbs: ['get'] },
  { apiGroups: [''], resources: ['services/proxy'], resourceNames: ['demo-admin:http'], verbs: ['get', 'create'] },
];

describeUnless(missing, 'kubectl bundler and the admin service', () => {
  let stage: Stage;
  let cluster: KubeConnection;
  let platform: Platform;
  let admin: PlatformProcess;
  let door: Server;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kubectl-admin-'));
    await writeFile(join(directory, 'keys'), `${createHash('sha256').update(KEY).digest('hex')} alice\n`);
    await writeFile(join(directory, 'key'), `${KEY}\n`);
    // Only what the admin service looks at; the life of an item is told where there are workers.
    const env = { ADMIN_KEYS_FILE: join(directory, 'keys') };
    [cluster, platform] = await Promise.all([kube.shared(), Platform.start({ apis: 0, workers: 0, env })]);
    admin = await platform.startProcess('admin');
    door = createServer((socket) => {
      const behind = connect(Number(new URL(admin.url).port), '127.0.0.1');
      pipeline(socket, behind, socket, () => undefined);
    });
    door.listen(0, address);
    await once(door, 'listening');
    stage = await Stage.open(cluster);
    await stage.configure('demo', { admin: { enabled: true, keysSecretRef: { name: 'admin-keys' } } });
    await leadTo((door.address() as AddressInfo).port);
    await writeFile(join(directory, 'config'), kubeconfig(await accountWith(rules, stage, cluster)), { mode: 0o600 });
  }, 180_000);
  afterAll(async () => {
    door?.close();
    await stage?.close();
    await platform?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** What kubelet and controllers of a cluster would write: the API server passes on to addresses of pods only. */
  async function leadTo(port: number): Promise<void> {
    const { namespace, api } = stage;
    const name = 'admin-pod';
    const spec = { containers: [{ name: 'admin', image: 'x' }] };
    await api.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec } as KubeObject);
    const status = { phase: 'Running', podIP: address, podIPs: [{ ip: address }] };
    const path = `/api/v1/namespaces/${namespace}`;
    const contentType = 'application/merge-patch+json';
    await ask(cluster, { method: 'PATCH', path: `${path}/pods/${name}/status`, body: { status }, contentType });
    const targetRef = { kind: 'Pod', name, namespace };
    const subsets = [{ addresses: [{ ip: address, targetRef }], ports: [{ name: 'http', port }] }];
    const body = { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'demo-admin', namespace }, subsets };
    expect((await ask(cluster, { method: 'POST', path: `${path}/endpoints`, body })).status).toBe(201);
  }

  const mine = () => ['-n', stage.namespace, '--kubeconfig', join(directory, 'config')];
  /** In this process: to start one takes longer than all that it does. */
  async function bundler(...args: string[]): Promise<PluginRun> {
    const said = { out: '', err: '' };
    const code = await run([...mine(), ...args], {
      version: 'test',
      terminal: {
        out: (text) => (said.out += text),
        err: (text) => (said.err += text),
        isTty: false,
        colours: false,
        ask: undefined,
        read: (path) => readFile(path, 'utf8'),
        save: () => Promise.reject(new Error('a process of its own does that')),
      },
      clock: systemClock,
      connect: (file, context) => connectWithKubeConfig(file ?? '', context),
    });
    return { code, ...said };
  }
  const withKey = (...args: string[]) => bundler(...args, '--admin-key-file', join(directory, 'key'));

  it('says how to come by a key, and what is wrong with one', async () => {
    const none = await bundler('queue', 'demo');
    expect(none).toMatchObject({ code: 1, out: '' });
    expect(none.err).toContain('create secret generic demo-admin-key --from-file=admin-key=FILE');
    await stage.secret('demo-admin-key', { 'admin-key': 'guessed' });
    expect((await bundler('queue', 'demo')).err).toContain(
      `the admin service does not know the key in Secret ${stage.namespace}/demo-admin-key`,
    );
    await stage.secret('demo-admin-key', { 'admin-key': `${KEY}\n` });
    expect((await bundler('queue', 'demo')).code).toBe(0);
    const digests = await bundler('queue', 'demo', '--admin-key-file', join(directory, 'keys'));
    expect(digests.err).toContain('holds no admin key');
  });

  it('lists the queues, shows why jobs failed, and has them tried again only when told so', async () => {
    const reason = `postgres://bundler:${MARK}@db/x refused`;
    await failJob(platform, 'newDataItem', { segmentId: '11111111-1111-4111-8111-111111111111' }, reason);
    const all = await withKey('queue', 'demo');
    expect(all.out).toMatch(/^QUEUE +WAITING +ACTIVE +DELAYED +FAILED +WORKERS +OLDEST\n/);
    expect(all.out).toMatch(/\nnewDataItem +\d+ +0 +0 +1 /);
    const { out } = await withKey('queue', 'demo', 'new-data-item');
    expect(out).toMatch(/failed, the latest\n +1 +1 try, \d+ s ago +\{"segmentId":"11111111/);
    expect(out).toContain('postgres://***@db/x refused');
    const json = await withKey('queue', 'demo', 'newDataItem', '-o', 'json');
    expect((JSON.parse(json.out) as AdminQueueDetail).queue.failed).toBe(1);

    const asked = await withKey('queue', 'demo', 'newDataItem', '--retry');
    expect(asked).toMatchObject({ code: 2, err: expect.stringContaining('add --yes') });
    const wrong = await withKey('queue', 'demo', 'newDataItem', '--retry', '--job', 'none', '--yes');
    expect(wrong).toMatchObject({ code: 1, out: expect.stringContaining('0 wait again') });
    const done = await withKey('queue', 'demo', 'newDataItem', '--retry', '--yes');
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('1 wait again') });
    expect((await withKey('queue', 'demo', 'nothing')).code).toBe(2);
  });

  it('says of an id that nobody has sent it, also of one that begins with a dash', async () => {
    const id = `-${randomBytes(32).toString('base64url').slice(1)}`;
    const nobody = await bundler('trace', 'demo', '--', id);
    expect(nobody).toMatchObject({
      code: 1,
      out: expect.stringContaining(`${id}  unknown\nnext\n  It was never accepted`),
    });
  });

  it('packs an archive without secrets, which tar unpacks', async () => {
    const metadata = {
      name: 'demo-upload-x',
      namespace: stage.namespace,
      labels: { 'app.kubernetes.io/instance': 'demo', 'app.kubernetes.io/part-of': 'bundler' },
      annotations: { note: MARK },
    };
    const containers = [{ name: 'upload', image: 'x', env: [{ name: 'SECRET', value: MARK }], args: [MARK] }];
    await stage.api.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers } } as KubeObject);
    const file = join(directory, 'support.tar.gz');
    const { code, out, err } = await runPlugin([...mine(), 'support-bundle', 'demo', '--file', file]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    // No operator has been here.
    expect(out).toMatch(
      /support\.tar\.gz holds \d+ files; .*\nnot in it:\n {2}workloads-rendered\.json: no revision.*\n$/,
    );
    await promisify(execFile)('tar', ['xzf', file, '-C', directory, '--one-top-level=bundle', '--strip-components=1']);
    const shown = async (name: string) => readFile(join(directory, 'bundle', name), 'utf8');
    const of = async (name: string) => JSON.parse(await shown(name));
    expect(await of('pods.json')).toMatchObject([{ name: 'demo-upload-x', phase: 'Pending' }]);
    expect((await of('queues.json')).queues.length).toBeGreaterThan(5);
    expect((await of('bundlerconfig.json')).spec).toMatchObject({ 'admin.enabled': true, 'database.pool.max': 50 });
    const { stdout } = await promisify(execFile)('grep', ['-rlE', `${MARK}|${KEY}`, join(directory, 'bundle')]).catch(
      (error: { code: number; stdout: string }) => error,
    );
    expect(stdout).toBe('');
    const again = await runPlugin([...mine(), 'support-bundle', 'demo', '--file', file]);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('name another place with --file') });
  });

  it('says which right is missing, and when the service is off', async () => {
    const fewer = rules.filter(({ resources }) => !resources.includes('services/proxy'));
    await accountWith(fewer, stage, cluster);
    await until(async () => (await withKey('queue', 'demo')).code === 1, PATIENCE_MS);
    expect((await withKey('queue', 'demo')).err).toContain('get, and to retry also create, of services/proxy');
    await stage.configure('demo', { admin: { enabled: false } });
    expect((await withKey('queue', 'demo')).err).toContain('the admin service of demo is off');
  });
});
