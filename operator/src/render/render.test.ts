import { queueNames, readSpec, settingGroups, settings, settingsOf } from '@bundler/contract';
import { cluster, fixtures, minimalSpec, renderFixture } from './fixtures/index.ts';
import { type ConfigMap, type Deployment, type Facts, type Manifest, render, TEMPLATE_HASH } from './index.ts';

const facts: Facts = {
  name: 'demo',
  namespace: 'default',
  generation: 3,
  image: 'bundler:1.0.0',
  platform: {
    mounts: { live: '/live' },
    env: {
      DB_WRITER_URL: { secretKeyRef: { name: 'database', key: 'writer' } },
      REDIS_QUEUE_URL: { value: 'redis://queue:6379' },
      NOT_A_SETTING: { value: 'ignored' },
    },
  },
};
const spec = { objectStore: { s3: { bucket: 'items' } } };

function rendered(extra: Record<string, unknown> = {}, other: Partial<Facts> = {}): Manifest[] {
  const { config, violations } = readSpec({ ...spec, ...extra });
  expect(violations).toEqual([]);
  return render(config, { ...facts, ...other });
}

const deployments = (manifests: Manifest[]): Deployment[] =>
  manifests.filter((manifest) => manifest.kind === 'Deployment');
const hashes = (manifests: Manifest[]) =>
  Object.fromEntries(
    deployments(manifests).map(({ metadata, spec: { template } }) => [
      metadata.name,
      template.metadata.annotations[TEMPLATE_HASH],
    ]),
  );
const changed = (before: Manifest[], after: Manifest[]) => {
  const [old, now] = [hashes(before), hashes(after)];
  return Object.keys(now).filter((name) => old[name] !== now[name]);
};
const container = (manifests: Manifest[], name: string) => {
  const found = deployments(manifests).find(({ metadata }) => metadata.name === name);
  return found!.spec.template.spec.containers[0];
};
const lines = (manifests: Manifest[], name: string) =>
  container(manifests, name).env.map((entry) =>
    'value' in entry
      ? `${entry.name}=${entry.value}`
      : `${entry.name} from ${Object.values(entry.valueFrom.secretKeyRef).join('/')}`,
  );

describe('render on one machine', () => {
  it('renders the upload API as a Service and a Deployment', () => {
    const [, service, upload] = rendered();
    const { template, ...rest } = (upload as Deployment).spec;
    const { env, ...shown } = template.spec.containers[0];
    expect({ service, upload: { ...upload, spec: rest }, container: shown }).toMatchSnapshot();
    expect(env.length).toBeGreaterThan(15);
  });

  it('gives the container every setting of its role, and of the platform what it was told', () => {
    expect(lines(rendered(), 'demo-upload')).toMatchSnapshot();
  });

  it('tells processes their live settings in a file and not in their environment', () => {
    const live = rendered({ observability: { logLevel: 'debug' } }).find(
      ({ kind }) => kind === 'ConfigMap',
    ) as ConfigMap;
    const document = JSON.parse(live.data['live.json']!);
    expect(document).toMatchObject({ generation: 3, settings: { LOG_LEVEL: 'debug', PLAN_WORKER_CONCURRENCY: '5' } });
    expect(lines(rendered(), 'demo-upload')).toContain('LIVE_SETTINGS_FILE=/live/live.json');
    expect(lines(rendered(), 'demo-upload').filter((line) => line.startsWith('LOG_LEVEL'))).toEqual([]);
  });

  it('tells them in their environment where there is no place for the file', () => {
    const manifests = rendered({}, { platform: { ...facts.platform, mounts: { live: '' } } });
    expect(lines(manifests, 'demo-plan')).toContain('LOG_LEVEL=info');
    expect(lines(manifests, 'demo-plan').filter((line) => line.includes('CONCURRENCY'))).toContain(
      'PLAN_WORKER_CONCURRENCY=5',
    );
    expect(lines(manifests, 'demo-plan').join()).not.toContain('POST_WORKER_');
  });

  it('runs one Deployment a queue, named for Kubernetes, each with its own queue only', () => {
    const manifests = rendered();
    const workers = deployments(manifests).filter(({ metadata }) => metadata.name !== 'demo-upload');
    expect(workers.map(({ metadata }) => metadata.name)).toContain('demo-new-data-item');
    expect(workers.map((worker) => worker.spec.template.spec.containers[0].command.at(-1))).toEqual(queueNames);
    expect(lines(manifests, 'demo-plan').filter((line) => line.includes('_WORKER_'))).toEqual(['DB_WORKER_POOL_MAX=8']);
  });

  it('starts what is traced with what traces it, tells it where traces go, and starts nothing else so', () => {
    const payment = { enabled: true, secretRef: { name: 'payment' } };
    const on = rendered({ payment, observability: { tracing: { enabled: true, endpoint: 'http://collector:4318' } } });
    const off = rendered({ observability: { tracing: { endpoint: 'http://collector:4318' } } });
    const preload = ['node', '--import', '@bundler/tracing/preload'];
    expect(container(on, 'demo-upload').command).toEqual([...preload, 'services/upload/src/main.ts']);
    expect(container(on, 'demo-plan').command.slice(0, 4)).toEqual([...preload, 'services/workers/src/main.ts']);
    expect(lines(on, 'demo-plan')).toContain('TRACING_ENDPOINT=http://collector:4318');
    // Every process that loads what traces is told where its traces go.
    const loads = (name: string): boolean => container(on, name).command.includes('--import');
    const told = (name: string): boolean => lines(on, name).some((line) => line.startsWith('TRACING_'));
    const names = deployments(on).map(({ metadata }) => metadata.name);
    expect(names).toContain('demo-payment');
    expect(names.filter(loads)).toEqual(names.filter(told));
    for (const name of ['demo-upload', 'demo-plan']) {
      expect(container(off, name).command).not.toContain('--import');
      expect(lines(off, name).filter((line) => line.startsWith('TRACING'))).toEqual([]);
    }
  });

  it('runs all queues in one Deployment when the layout is Combined', () => {
    const manifests = rendered({ workers: { layout: 'Combined', instances: 4 } });
    expect(deployments(manifests).map(({ metadata, spec }) => `${metadata.name} x${spec.replicas}`)).toEqual([
      'demo-upload x2',
      'demo-workers x4',
    ]);
    expect(container(manifests, 'demo-workers').command.slice(-2)).toEqual(['--queues', 'all']);
    const names = container(manifests, 'demo-workers').env.map(({ name }) => name);
    const told = [...Object.keys(facts.platform.env), 'DB_WORKER_POOL_MAX', 'LIVE_SETTINGS_FILE'];
    const ofApi = ['DB_POOL_MIN', 'DB_POOL_MAX'];
    // Nothing is traced here.
    const left = new Set([...ofApi, ...Object.values(settingGroups.Tracing).map(({ env }) => env as string)]);
    const declared = settingsOf('workers').filter(([, { applies, path, env }]) =>
      path === null ? told.includes(env) : applies === 'restart' && !left.has(env),
    );
    expect(names).toEqual(declared.map(([, { env }]) => env));
  });

  it('gives processes longer to stop than they may take to drain', () => {
    const [, , upload] = rendered({ shutdown: { announce: '2s', drain: '1500ms' } });
    expect((upload as Deployment).spec.template.spec.terminationGracePeriodSeconds).toBe(14);
  });

  it.each([
    ['the digests of API keys', { apiKeysSecretRef: { name: 'mine', key: 'data' } }, 'API_KEYS_FILE', 'api-keys'],
    [
      "the secrets of clients' tokens",
      { jwtSecretRef: { name: 'mine', key: 'data' } },
      'JWT_SECRETS_FILE',
      'jwt-secrets',
    ],
    [
      'the wallet for unsigned uploads',
      { rawData: { walletSecretRef: { name: 'mine', key: 'data' } } },
      'RAW_DATA_WALLET_FILE',
      'raw-wallet',
    ],
  ])('mounts %s into the upload API, and only where the spec names their Secret', (_, upload, variable, volume) => {
    const mounted = (spec: object) => {
      const facts = { ...cluster, name: 'demo' };
      const manifests = rendered({ ...minimalSpec, ...spec }, facts);
      return deployments(manifests).flatMap(({ metadata, spec: { template } }) => {
        const [{ env, volumeMounts }] = template.spec.containers as never as [Record<string, { name: string }[]>];
        const { volumes } = template.spec as never as { volumes: { name: string }[] };
        const found = [...env!, ...volumeMounts!, ...volumes];
        return found
          .filter(({ name }) => name === variable || name === volume)
          .map((part) => ({ of: metadata.name, ...part }));
      });
    };
    expect(mounted({})).toEqual([]);
    expect(mounted({ upload })).toEqual([
      { of: 'demo-upload', name: variable, value: `/etc/bundler/${volume}/data` },
      { of: 'demo-upload', name: volume, mountPath: `/etc/bundler/${volume}`, readOnly: true },
      { of: 'demo-upload', name: volume, secret: { secretName: 'mine', items: [{ key: 'data', path: 'data' }] } },
    ]);
  });

  it('mounts the ConfigMap of blocked signers into the API and the workers that look at it, where the spec names one', () => {
    const facts = { ...cluster, name: 'demo' };
    const upload = { blockedAddressesConfigMapRef: { name: 'mine', key: 'data' } };
    const users = (spec: object): string[] =>
      deployments(rendered({ ...minimalSpec, ...spec }, facts)).flatMap(({ metadata, spec: { template } }) => {
        const text = JSON.stringify(template.spec);
        const volume = { name: 'blocklist', configMap: { name: 'mine', items: [{ key: 'data', path: 'data' }] } };
        return text.includes(JSON.stringify(volume)) && text.includes('/etc/bundler/blocklist/data')
          ? [metadata.name]
          : [];
      });
    expect(users({})).toEqual([]);
    expect(users({ upload })).toEqual(expect.arrayContaining(['demo-upload', 'demo-finalize-upload']));
  });

  it('gives the same bytes for the same input', () => {
    expect(JSON.stringify(rendered())).toBe(JSON.stringify(rendered()));
  });

  it('selects pods by labels that the pods carry, and that no other Deployment shares', () => {
    const selectors = deployments(rendered()).map(({ spec: { selector, template } }) => {
      expect(template.metadata.labels).toMatchObject(selector.matchLabels);
      return JSON.stringify(selector.matchLabels);
    });
    expect(new Set(selectors).size).toBe(selectors.length);
  });
});

describe('the template hash', () => {
  const before = rendered();

  it.each([
    ['a setting of the upload API', { upload: { grouping: { concurrency: 3 } } }, ['demo-upload']],
    ['a replica count', { upload: { replicas: 5 }, workers: { instances: 9 } }, []],
    ['a concurrency within the pool', { workers: { plan: { concurrency: 8 } } }, []],
    ['a concurrency above the pool', { workers: { plan: { concurrency: 9 } } }, ['demo-plan']],
  ])('moves with %s only where it matters', (_, extra, names) => {
    expect(changed(before, rendered(extra))).toEqual(names);
  });

  it('moves everywhere with the image', () => {
    expect(changed(before, rendered({}, { image: 'bundler:1.0.1' }))).toHaveLength(queueNames.length + 1);
  });

  it('does not depend on the name of the BundlerConfig', () => {
    const [here, there] = [hashes(before), hashes(rendered({}, { name: 'other' }))];
    expect(there['other-plan']).toBe(here['demo-plan']);
  });
});

it('puts the admin port of the platform into the pod, and 9301 when it says none', () => {
  const admin = (manifests: Manifest[]) => container(manifests, 'demo-plan').ports;
  expect(admin(rendered())).toEqual([{ name: 'admin', containerPort: settings.adminPort.default }]);
  const told = rendered({}, { platform: { ...facts.platform, env: { ADMIN_PORT: { value: '9999' } } } });
  expect(admin(told)).toEqual([{ name: 'admin', containerPort: 9999 }]);
});

it('gives its monitor the labels by which a Prometheus chooses it, and keeps its own', () => {
  const [monitor] = renderFixture(fixtures.everything).filter(({ kind }) => kind === 'PodMonitor');
  expect(monitor?.metadata.labels).toMatchObject({ release: 'prometheus', 'app.kubernetes.io/part-of': 'bundler' });
});
