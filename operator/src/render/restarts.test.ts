import {
  type Field,
  readSpec,
  type Setting,
  type SpecFieldName,
  settings,
  specFields,
  valueAt,
  withValueAt,
} from '@bundler/contract';
import { cluster, minimalSpec } from './fixtures/index.ts';
import { type Manifest, render, TEMPLATE_HASH } from './index.ts';

const rendered = (spec: unknown, facts: Parameters<typeof render>[1] = cluster): Manifest[] => {
  const { config, violations } = readSpec(spec);
  expect(violations).toEqual([]);
  return render(config, facts);
};
const hashes = (manifests: readonly Manifest[]) =>
  new Map(
    manifests.flatMap((manifest) =>
      manifest.kind === 'Deployment'
        ? [
            [
              manifest.metadata.labels['app.kubernetes.io/component']!,
              manifest.spec.template.metadata.annotations[TEMPLATE_HASH],
            ],
          ]
        : [],
    ),
  );
/** The components whose pods a change replaces. */
const replaced = (before: readonly Manifest[], after: readonly Manifest[]): string[] => {
  const [old, now] = [hashes(before), hashes(after)];
  return [...now.keys()].filter((component) => old.has(component) && old.get(component) !== now.get(component));
};
/** A spec that is valid whatever single value is put over it. */
const roomy = {
  ...minimalSpec,
  objectStore: { driver: 's3', directory: '/data', s3: { bucket: 'items' } },
  observability: { tracing: { enabled: true } },
};
const before = rendered(roomy);
const all = [...hashes(before).keys()];
const workers = all.filter((component) => component.startsWith('workers'));

/** Another value of a field that its own bounds allow, as the spec writes it; undefined when there is none here. */
function another({ kind, default: value }: Field): unknown {
  const candidates: unknown[] =
    typeof value === 'number'
      ? [value + 1, value + 1000, value - 1, value - 1000, value * 2].map((number) => kind.toSpec(number))
      : typeof value === 'boolean'
        ? [!value]
        : [
            ...kind.bounds.split(', '),
            'other',
            `sha256:${'a'.repeat(64)}`,
            ['other'],
            { other: 'value' },
            [{ name: 'other' }],
          ];
  return candidates.find((candidate) => {
    try {
      return JSON.stringify(kind.toSpec(kind.fromSpec(candidate))) !== JSON.stringify(kind.toSpec(value));
    } catch {
      return false;
    }
  });
}

const changes = specFields.flatMap(([name, field]) => {
  const value = another(field);
  const spec = withValueAt(roomy, field.path, value);
  const valid = readSpec(spec).violations.length === 0;
  return value !== undefined && valid && valueAt(roomy, field.path) === undefined ? [{ name, field, spec }] : [];
});

it('nearly every field can be changed alone', () => {
  expect(changes.length).toBeGreaterThan(specFields.length * 0.8);
});

it('a live setting replaces no pod, unless a pool grows with it', () => {
  const live = changes.filter(({ field }) => field.applies === 'live');
  expect(live.length).toBeGreaterThan(30);
  for (const { name, spec } of live)
    expect({ name, replaced: replaced(before, rendered(spec)) }).toEqual({ name, replaced: [] });
});

it('a setting of processes replaces exactly the pods of those that read it', () => {
  const restarting = changes.filter(
    ({ field }) => 'env' in field && field.applies === 'restart' && !isForRenderer(field as Setting),
  );
  expect(restarting.length).toBeGreaterThan(15);
  for (const { name, spec, field } of restarting) {
    const { roles } = field as Setting;
    const readers = all.filter((component) => roles.includes(component === 'upload' ? 'upload' : 'workers'));
    // A drain that takes longer needs a longer grace, whoever drains; the pool of the upload API is not the workers'.
    const expected = name.startsWith('shutdown') ? all : (few(name) ?? readers);
    expect({ name, replaced: replaced(before, rendered(spec)) }).toEqual({ name, replaced: expected });
  }
});

/** The pods that a setting is about, where those are not all of their kind. */
function few(name: string): string[] | undefined {
  if (name.startsWith('optical')) return ['workers-optical-post'];
  return ['databasePoolMin', 'databasePoolMax'].includes(name) ? ['upload'] : undefined;
}

it('what only a cluster knows replaces pods exactly where it says so', () => {
  for (const { name, spec, field } of changes.filter(({ field: { applies } }) => applies === 'cluster')) {
    expect({ name, replaced: replaced(before, rendered(spec)) }).toEqual({ name, replaced: [] });
    expect(field).not.toHaveProperty('env');
  }
  const affected = (name: SpecFieldName) => {
    const found = changes.find((change) => change.name === name);
    return replaced(before, rendered(found?.spec));
  };
  expect(affected('imagePullPolicy')).toEqual(all);
  expect(affected('uploadMemoryLimit')).toEqual(['upload']);
  expect(affected('planMemoryLimit')).toEqual(['workers-plan']);
  expect(affected('workersPodAnnotations')).toEqual(workers);
  expect(affected('podLabels')).toEqual(all);
  const moved = withValueAt(roomy, 'redis.queue.host', 'elsewhere');
  expect(replaced(before, rendered(moved))).toEqual(all);
});

it('where traces would go replaces no pod while there are none, and tracing replaces those that are traced', () => {
  const traced = (tracing: object) => rendered({ ...roomy, observability: { tracing } });
  const elsewhere = { endpoint: 'http://other:4318', secretRef: { name: 'collector' } };
  expect(replaced(traced({}), traced(elsewhere))).toEqual([]);
  expect(replaced(traced({}), traced({ enabled: true }))).toEqual(all);
});

it('a concurrency above what the pool holds replaces the pods of that queue alone', () => {
  const grown = withValueAt(roomy, 'workers.seed.concurrency', 5);
  expect(replaced(before, rendered(grown))).toEqual(['workers-seed']);
});

it('the generation replaces nothing', () => {
  expect(replaced(before, rendered(roomy, { ...cluster, generation: 2 }))).toEqual([]);
});

describe('a Secret whose contents change', () => {
  const facts = (secretDigests: Record<string, string>) => ({
    ...cluster,
    cluster: { ...cluster.cluster, secretDigests },
  });
  const spec = {
    ...minimalSpec,
    upload: { podTemplate: { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'extra', key: 'a' } } }] } },
  };
  const digests = { database: '1', wallet: '1', extra: '1', unrelated: '1' };
  const rotated = (name: string) =>
    replaced(rendered(spec, facts(digests)), rendered(spec, facts({ ...digests, [name]: '2' })));

  it.each([
    ['database', all],
    ['wallet', all],
    ['extra', ['upload']],
    ['unrelated', []],
  ])('%s replaces the pods that use it', (name, components) => {
    expect(rotated(name)).toEqual(components);
  });

  it('does not run the migrations again', () => {
    const jobs = (manifests: Manifest[]) =>
      manifests.filter(({ kind }) => kind === 'Job').map(({ metadata }) => metadata.name);
    const after = rendered(spec, facts({ ...digests, database: '2' }));
    expect(jobs(after)).toEqual(jobs(rendered(spec, facts(digests))));
    expect(jobs(rendered(spec, { ...cluster, image: 'other:1' }))).not.toEqual(jobs(after));
  });

  it('is named in an annotation that Kubernetes accepts, however long its name', () => {
    const long = `${'a'.repeat(200)}.example`;
    const named = withValueAt(spec, 'database.secretRef.name', long);
    const upload = rendered(named, facts({ [long]: '1' })).find(({ kind }) => kind === 'Deployment');
    const annotations = upload?.kind === 'Deployment' ? upload.spec.template.metadata.annotations : {};
    const keys = Object.keys(annotations).filter((key) => key.includes('secret-digest'));
    expect(keys).toHaveLength(1);
    expect(keys[0]!.split('/')[1]!.length).toBeLessThanOrEqual(63);
  });
});

function isForRenderer({ roles }: Setting): boolean {
  return roles.every((role) => role === 'renderer');
}

it('and the list of settings that this test reads is the whole one', () => {
  const named = Object.entries(settings).filter(([, { path }]) => path !== null);
  expect(specFields.filter(([, field]) => 'env' in field)).toHaveLength(named.length);
});

it('a pool of the upload API replaces the workers whose pool it bounds', () => {
  const bounded = withValueAt(withValueAt(roomy, 'database.pool.min', 1), 'database.pool.max', 6);
  expect(replaced(rendered(bounded), rendered(withValueAt(bounded, 'database.pool.max', 5)))).toEqual([
    'upload',
    'workers-new-data-item',
    'workers-plan',
  ]);
});
