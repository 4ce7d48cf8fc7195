import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectionBudget, paymentConnectionBudget, readSpec } from '@bundler/contract';
import { alertingGroups, boardNames, boards, grafanaBoard, type RuleGroup, recordingGroups } from '@bundler/dashboards';
import { watchedRules } from '@bundler/operator/rbac';
import { describeUnless } from '../src/left-out.ts';
import { findHelm } from '../src/tools/helm.ts';
import { operatorValues, ownServices, platformValues } from './fixtures/values.ts';
import { Chart, podsOf, type Rendered } from './kit/chart.ts';

const helm = await findHelm(process.env);
const platform = new Chart(helm.binary, 'bundler');
const operator = new Chart(helm.binary, 'bundler-operator');
const cases = [
  ...Object.entries(platformValues).map(([name, values]) => [`the platform, ${name}`, platform, values] as const),
  ...Object.entries(operatorValues).map(([name, values]) => [`the operator, ${name}`, operator, values] as const),
];
const kinds = (objects: readonly Rendered[]): string[] =>
  objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
/** Two namespaces may have objects of one name. */
const identities = (objects: readonly Rendered[]): string[] =>
  objects.map(({ kind, metadata: { name, namespace } }) => `${namespace}/${kind}/${name}`);
const ofKind = (objects: readonly Rendered[], kind: string): Rendered[] =>
  objects.filter((object) => object.kind === kind);

/** Names of the groups of a PrometheusRule. */
const namesOf = (rule: Rendered | undefined): string[] =>
  ((rule?.spec?.['groups'] ?? []) as RuleGroup[]).map(({ name }) => name);

describeUnless(helm.missing, 'the charts', () => {
  it.each(cases)('are well formed: %s', async (_, chart, values) => {
    expect(await chart.lint(values)).toContain('0 chart(s) failed');
    const names = identities(await chart.template(values));
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['platform', platform, platformValues['every value']],
    ['operator', operator, operatorValues['every value']],
  ] as const)('put extra labels and annotations on every object: %s', async (_, chart, values) => {
    const { extraLabels, extraAnnotations } = values;
    for (const { kind, metadata } of await chart.template(values)) {
      expect({ kind, ...metadata }).toMatchObject({ labels: extraLabels, annotations: extraAnnotations });
    }
  });

  it.each([
    ['a value that there is not', platform, { trail: { enabled: true } }, 'trail'],
    ['a field that there is not', platform, { spec: { database: { pool: { maxx: 1 } } } }, 'maxx'],
    ['a number out of bounds', platform, { spec: { database: { pool: { max: 0 } } } }, 'max'],
    ['a word that is none of those allowed', platform, { spec: { deletionPolicy: 'Keep' } }, 'deletionPolicy'],
    ['a digest that is none', platform, { image: { digest: 'latest' } }, 'digest'],
    ['a bucket with capitals', platform, { trial: { s3: { bucket: 'Items' } } }, 'bucket'],
    ['a load suite that needs a platform of its own', platform, { loadTest: { suite: 'breaker' } }, 'suite'],
    ['more load than the plan says', platform, { loadTest: { scale: 2 } }, 'scale'],
    ['nothing where there must be something', platform, { spec: null }, 'spec'],
    [
      'a label that objects are found by',
      platform,
      { extraLabels: { 'app.kubernetes.io/name': 'x' } },
      'app.kubernetes.io/name',
    ],
    ['a name with capitals', platform, { nameOverride: 'Other' }, 'nameOverride'],
    ['a star for all namespaces', operator, { watchNamespaces: ['*'] }, 'watchNamespaces'],
    ['a text for a flag', operator, { crds: { keep: 'false' } }, 'keep'],
    ['a port that is none', operator, { networkPolicy: { apiServerPorts: [0] } }, 'apiServerPorts'],
    ['a group of rules that there is not', operator, { prometheusRules: { groups: { uploads: false } } }, 'uploads'],
    ['an address that is none', operator, { prometheusRules: { grafanaUrl: 'grafana' } }, 'grafanaUrl'],
    ['a value that the operator has not', operator, { replica: 3 }, 'replica'],
  ] as const)('refuse %s, and name it', async (_, chart, values, name) => {
    expect(await chart.refusal(values)).toContain(name);
  });
});

describeUnless(helm.missing, "the platform's chart", () => {
  const pods = (objects: readonly Rendered[]) => objects.flatMap(podsOf);

  it('makes one BundlerConfig of what it is given, and no Secret where there are Secrets already', async () => {
    const objects = await platform.template(ownServices);
    expect(kinds(objects)).toEqual(['BundlerConfig/demo', 'Pod/demo-test-upload']);
    const { repository, digest, pullSecrets } = ownServices.image;
    const image = { repository, digest, pullPolicy: 'IfNotPresent', pullSecrets };
    expect(ofKind(objects, 'BundlerConfig')[0]?.spec).toEqual({ image, ...ownServices.spec });
    expect(pods(objects)[0]?.spec.containers[0]?.image).toBe(`${repository}@${digest}`);
  });

  it('lets what is given win over what the trial adds', async () => {
    const objects = await platform.template({
      trial: { enabled: true },
      spec: { pipeline: { planInterval: '9s' }, redis: { queue: { host: 'mine' } } },
    });
    expect(ofKind(objects, 'BundlerConfig')[0]?.spec).toMatchObject({
      pipeline: { planInterval: '9s', verifyInterval: '2s' },
      redis: { queue: { host: 'mine' }, cache: { host: 'demo-trial-redis-cache' } },
    });
  });

  it('brings what the payment service of a trial needs, so that turning it on is enough', async () => {
    const objects = await platform.template({ trial: { enabled: true } });
    const named = (kind: string, name: string) => ofKind(objects, kind).find(({ metadata }) => metadata.name === name);
    expect(ofKind(objects, 'BundlerConfig')[0]?.spec).toMatchObject({
      payment: { secretRef: { name: 'demo-trial-payment' } },
    });
    expect(named('Secret', 'demo-trial-payment')).toMatchObject({
      stringData: {
        PAYMENT_DB_URL: expect.stringMatching(/^postgres:\/\/bundler:\w{32}@demo-trial-postgres:5432\/payment$/),
        PRIVATE_ROUTE_SECRET: expect.stringMatching(/^\w{32}$/),
      },
    });
    expect(named('ConfigMap', 'demo-trial-postgres')).toMatchObject({
      data: { 'payment.sql': 'create database payment;' },
    });
  });

  it.each([
    [{}, {}, 600],
    [{}, { replicas: 3 }, 600],
    [{ database: { maxConnections: 700 } }, { database: { maxConnections: 62 } }, 762],
  ])('gives the server of a trial room for all that the pods could hold: %j, payment %j', async (spec, given, room) => {
    const payment = { enabled: true, ...given };
    const objects = await platform.template({ trial: { enabled: true }, spec: { ...spec, payment } });
    expect(JSON.stringify(ofKind(objects, 'Deployment'))).toContain(`"args":["-c","max_connections=${room}"]`);
    const { config, violations } = readSpec(ofKind(objects, 'BundlerConfig')[0]?.spec, 'cluster');
    expect(violations).toEqual([]);
    const { possible, reserved } = connectionBudget(config);
    const toPayment = paymentConnectionBudget(config)?.possible ?? Number.NaN;
    expect(possible + reserved + toPayment).toBeLessThanOrEqual(room);
  });

  it('keeps that room while payments are off, for an edit that turns them on', async () => {
    const serverOf = async (enabled: boolean) =>
      ofKind(await platform.template({ trial: { enabled: true }, spec: { payment: { enabled } } }), 'Deployment').find(
        ({ metadata }) => metadata.name === 'demo-trial-postgres',
      )?.spec;
    expect(await serverOf(false)).toBeDefined();
    expect(await serverOf(false)).toEqual(await serverOf(true));
  });

  it('says in the spec what the server of a trial has for payments, so that more pods than fit are refused', async () => {
    const verdictOn = async (replicas: number) => {
      const values = { trial: { enabled: true }, spec: { payment: { enabled: true, replicas } } };
      const objects = await platform.template(values);
      return readSpec(ofKind(objects, 'BundlerConfig')[0]?.spec, 'cluster').violations.map(({ setting }) => setting);
    };
    expect(await verdictOn(3)).toEqual([]);
    expect(await verdictOn(4)).toEqual(['spec.payment.database.maxConnections']);
  });

  it('has no password of its own: two trials have different ones', async () => {
    const secrets = async () => JSON.stringify(ofKind(await platform.template({ trial: { enabled: true } }), 'Secret'));
    expect(await secrets()).not.toBe(await secrets());
  });

  it.each([
    ['a'.repeat(30), {}],
    ['a'.repeat(53), { nameOverride: 'short' }],
  ])('takes a release called %s', async (release, values) => {
    const objects = await platform.template({ trial: { enabled: true }, ...values }, release);
    const longest = Math.max(...objects.map(({ metadata }) => metadata.name.length));
    expect(longest).toBeLessThanOrEqual(63);
  });

  it('runs a load suite once for each change of its values, with a corpus made in the cluster', async () => {
    const jobs = async (loadTest: object) =>
      ofKind(await platform.template({ ...ownServices, loadTest }), 'Job').map(({ metadata }) => metadata.name);
    expect(await jobs({})).toEqual([]);
    const [first] = await jobs({ enabled: true });
    expect(await jobs({ enabled: true })).toEqual([first]);
    expect(await jobs({ enabled: true, suite: 'soak' })).not.toEqual([first]);
    const objects = await platform.template({
      ...ownServices,
      loadTest: { enabled: true, suite: 'spike', scale: 0.25 },
    });
    const [pod] = ofKind(objects, 'Job').flatMap(podsOf);
    expect(pod?.spec).toMatchObject({
      initContainers: [{ image: `${ownServices.image.repository}@${ownServices.image.digest}` }],
      containers: [
        {
          args: ['run', '--quiet', '--no-color', '/suites/suites/spike.ts'],
          env: expect.arrayContaining([
            { name: 'TARGET', value: 'http://demo-upload:3001' },
            { name: 'SCALE', value: '0.25' },
          ]),
        },
      ],
    });
  });

  it('puts every script of the load suites where the others import it from', async () => {
    const objects = await platform.template({ ...ownServices, loadTest: { enabled: true } });
    const texts = ofKind(objects, 'ConfigMap')[0]?.['data'] as Record<string, string>;
    const [pod] = ofKind(objects, 'Job').flatMap(podsOf);
    const volumes = pod?.spec['volumes'] as { configMap?: { items: { key: string; path: string }[] } }[];
    const files = volumes[0]!.configMap!.items;
    expect(files.map(({ key }) => key).toSorted()).toEqual(Object.keys(texts).toSorted());
    for (const { key, path } of files) {
      expect(texts[key]).toBe(await readFile(join(import.meta.dirname, '../../../k6', path), 'utf8'));
    }
  });

  it('refuses a name that would make names too long, and says what helps', async () => {
    expect(await platform.refusal({}, 'a'.repeat(31))).toContain('31 characters and may have 30: set nameOverride');
  });
});

describeUnless(helm.missing, "the operator's chart", () => {
  it('allows in each watched namespace what the operator does, and nothing in the cluster', async () => {
    const objects = await operator.template(operatorValues['two namespaces']);
    const roles = ofKind(objects, 'Role').filter(({ metadata }) => metadata.name === 'demo');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['one', 'two']);
    for (const role of roles) expect(role['rules']).toEqual(watchedRules);
    expect(kinds(objects).filter((name) => name.startsWith('ClusterRole'))).toEqual([]);
  });

  it('needs the cluster only where all namespaces are watched', async () => {
    const [role] = ofKind(await operator.template(), 'ClusterRole');
    expect(role?.['rules']).toEqual(watchedRules);
  });

  it('keeps the CRD when it is uninstalled, unless told otherwise, and can leave it out', async () => {
    const kept = async (values: object) =>
      ofKind(await operator.template(values), 'CustomResourceDefinition').map(
        ({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'],
      );
    expect(await kept({})).toEqual(['keep']);
    expect(await kept({ crds: { keep: false } })).toEqual([undefined]);
    expect(await kept({ crds: { enabled: false } })).toEqual([]);
  });

  it('has every rule as it was proven, with the addresses that are given', async () => {
    const [rule] = ofKind(await operator.template(operatorValues['every value']), 'PrometheusRule');
    const proven = JSON.stringify([...Object.values(alertingGroups), ...recordingGroups])
      .replaceAll('http://runbooks.example', 'https://docs.example.com/runbooks')
      .replaceAll('http://grafana.example', 'https://grafana.example.com');
    const byName = (groups: unknown) => Object.fromEntries((groups as RuleGroup[]).map((group) => [group.name, group]));
    expect(byName(rule?.spec?.['groups'])).toEqual(byName(JSON.parse(proven)));
    expect(rule?.metadata.labels).toMatchObject({ release: 'kube-prometheus-stack' });
  });

  it.each(Object.keys(alertingGroups))('leaves out the alerts of %s when told so, and no others', async (name) => {
    const values = { prometheusRules: { enabled: true, groups: { [name]: false } } };
    const [rule] = ofKind(await operator.template(values), 'PrometheusRule');
    const left = namesOf(rule);
    const others = Object.keys(alertingGroups).filter((other) => other !== name);
    const wanted = others.map((other) => `bundler-${other}`);
    expect(left.filter((group) => !group.startsWith('bundler-slo-')).toSorted()).toEqual(wanted.toSorted());
  });

  it('has a ConfigMap for each board that the sidecar of Grafana finds, and none unless it is wanted', async () => {
    const maps = ofKind(await operator.template(operatorValues['every value']), 'ConfigMap');
    const found = maps.flatMap((map) =>
      Object.values(map['data'] as Record<string, string>).map((text) => JSON.parse(text)),
    );
    expect(found).toHaveLength(boardNames.length);
    expect(found).toEqual(expect.arrayContaining(boardNames.map((name) => grafanaBoard(boards[name]))));
    for (const { metadata } of maps)
      expect(metadata).toMatchObject({ labels: { grafana_dashboard: '1' }, annotations: { grafana_folder: 'Ours' } });
    expect(ofKind(await operator.template(), 'ConfigMap')).toEqual([]);
  });

  it('has a GrafanaDashboard that leads to each ConfigMap where the operator of Grafana is to show them', async () => {
    const dashboards = { enabled: true, grafanaOperator: { enabled: true, instanceSelector: { team: 'ours' } } };
    const manifests = await operator.template({ dashboards });
    const told = ofKind(manifests, 'GrafanaDashboard').map(({ spec }) => spec as Record<string, unknown>);
    expect(told).toHaveLength(boardNames.length);
    expect(told[0]).toMatchObject({ instanceSelector: { matchLabels: { team: 'ours' } }, folder: 'Bundler' });
    const maps = ofKind(manifests, 'ConfigMap').map(({ metadata, ...map }) => ({
      name: metadata.name,
      key: Object.keys(map['data'] as object)[0],
    }));
    expect(told.map(({ configMapRef }) => configMapRef)).toEqual(maps);
    expect(ofKind(await operator.template({ dashboards: { enabled: true } }), 'GrafanaDashboard')).toEqual([]);
  });

  it('has a disruption budget only where more than one runs', async () => {
    const budgets = async (replicas: number) =>
      ofKind(await operator.template({ replicas }), 'PodDisruptionBudget').length;
    expect([await budgets(2), await budgets(1)]).toEqual([1, 0]);
  });

  it('hands volumes and variables through to its pod', async () => {
    const { extraEnv, extraVolumes, extraVolumeMounts, image } = operatorValues['every value'];
    const [deployment] = ofKind(await operator.template(operatorValues['every value']), 'Deployment');
    const [pod] = podsOf(deployment!);
    expect(pod?.spec).toMatchObject({ volumes: extraVolumes });
    expect(pod?.spec.containers[0]).toMatchObject({
      image: `${image.repository}@${image.digest}`,
      env: expect.arrayContaining([...extraEnv]),
      volumeMounts: extraVolumeMounts,
    });
  });
});
