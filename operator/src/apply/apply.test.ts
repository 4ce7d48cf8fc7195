import type { KubeObject, ManagedFields, Stored } from '../kube/objects.ts';
import { writersOf } from './field-owners.ts';
import { adoption, objectionTo, owned, release } from './ownership.ts';
import { project } from './projection.ts';
import { pruningOf } from './prune.ts';
import { missingSecrets, secretDigests, secretReferences } from './secrets.ts';

describe('project', () => {
  const manifest = { a: 1, env: [{ name: 'A', value: '1' }], args: ['x'], limits: { cpu: '1000m' } };

  it.each([
    ['what others added', { ...manifest, b: 2, env: [{ name: 'B' }, { name: 'A', value: '1', more: true }] }, manifest],
    [
      'a value that was written differently',
      { ...manifest, limits: { cpu: '1' } },
      { ...manifest, limits: { cpu: '1' } },
    ],
    ['an entry that is gone', { ...manifest, env: [] }, { ...manifest, env: [null] }],
    [
      'a field that is gone',
      { env: manifest.env, args: ['x'], limits: {} },
      { ...manifest, a: null, limits: { cpu: null } },
    ],
    ['a list without names as a whole', { ...manifest, args: ['x', 'y'] }, { ...manifest, args: ['x', 'y'] }],
  ])('keeps the shape of the manifest: %s', (_, live, seen) => {
    expect(project(manifest, live)).toEqual(seen);
  });
});

describe('writersOf', () => {
  const fields = (manager: string, fieldsV1: object, time = '2026-01-01T00:00:00Z'): ManagedFields => ({
    manager,
    operation: 'Update',
    apiVersion: 'apps/v1',
    time,
    fieldsV1: fieldsV1 as NonNullable<ManagedFields['fieldsV1']>,
  });
  const container = (leaf: object) => ({
    'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"upload"}': { '.': {}, ...leaf } } } } },
  });
  const image = 'spec.template.spec.containers[upload].image';

  it.each([
    ['a field in a list', image, container({ 'f:image': {} }), ['kubectl-edit']],
    [
      'a label, whose key has dots',
      'metadata.labels.app.kubernetes.io/name',
      { 'f:metadata': { 'f:labels': { 'f:app.kubernetes.io/name': {} } } },
      ['kubectl-edit'],
    ],
    ['a list that was written as a whole', 'spec.args', { 'f:spec': { 'f:args': {} } }, ['kubectl-edit']],
    ['nobody, when they wrote something else', image, container({ 'f:env': {} }), []],
    [
      'nobody, when the entry has another name',
      'spec.template.spec.containers[plan].image',
      container({ 'f:image': {} }),
      [],
    ],
  ])('names the writer of %s', (_, path, fieldsV1, writers) => {
    const managed = [fields('bundler-operator', fieldsV1), fields('kubectl-edit', fieldsV1)];
    expect(writersOf([path], managed, ['bundler-operator'])).toEqual(writers);
  });

  it('names the latest first', () => {
    const both = [
      fields('old', container({ 'f:image': {} })),
      fields('new', container({ 'f:image': {} }), '2026-02-01T00:00:00Z'),
    ];
    expect(writersOf([image], both, [])).toEqual(['new', 'old']);
  });
});

const owner = { name: 'demo', namespace: 'default', uid: 'u-1' };
const object = (over: Partial<KubeObject['metadata']> = {}, kind = 'Service'): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'demo-upload', namespace: 'default', ...over },
});
const labels = { 'app.kubernetes.io/managed-by': 'bundler-operator', 'app.kubernetes.io/instance': 'demo' };
const foreign = { apiVersion: 'apps/v1', kind: 'Other', name: 'x', uid: 'u-2', controller: true };

describe('ownership', () => {
  it.each([
    ['our own', owned(object(), owner), undefined],
    ['what a deleted BundlerConfig of this name left', object({ labels }), undefined],
    ['what has another controller', object({ labels, ownerReferences: [foreign] }), 'it belongs to Other x'],
    [
      'what a BundlerConfig of another name left',
      object({ labels: { ...labels, 'app.kubernetes.io/instance': 'other' } }),
      'it was made by somebody else',
    ],
    ['what anybody made', object(), 'it was made by somebody else'],
  ])('of %s', (_, live, objection) => {
    expect(objectionTo(live, owner)).toBe(objection);
  });

  it('is taken from another controller before it is ours, guarded by the version that was seen', () => {
    const { controller: _, ...reference } = foreign;
    const live = object({ ownerReferences: [foreign], resourceVersion: '7' });
    expect(adoption(live)).toEqual({ metadata: { resourceVersion: '7', ownerReferences: [reference] } });
    expect(adoption(object())).toBeUndefined();
  });

  it('is given up without touching other owners', () => {
    const live = object({
      ownerReferences: [...owned(object(), owner).metadata.ownerReferences!, foreign],
      resourceVersion: '7',
    });
    expect(release(live, owner)).toEqual({ metadata: { resourceVersion: '7', ownerReferences: [foreign] } });
  });
});

describe('pruningOf', () => {
  const now = Date.parse('2026-01-01T00:02:00Z');
  const stored = (kind: string, deletionTimestamp?: string) =>
    object({ uid: 'u', resourceVersion: '1', ...(deletionTimestamp && { deletionTimestamp }) }, kind) as Stored;
  const kinds = ({ now: gone }: ReturnType<typeof pruningOf>) => gone.map(({ kind }) => kind);

  it('takes the scalers first, and what they scale once they are gone', () => {
    const deployment = stored('Deployment');
    expect(kinds(pruningOf([deployment, stored('ScaledObject')], now))).toEqual(['ScaledObject']);
    expect(kinds(pruningOf([deployment, stored('ScaledObject', '2026-01-01T00:01:30Z')], now))).toEqual([]);
    expect(kinds(pruningOf([deployment], now))).toEqual(['Deployment']);
  });

  it('does not wait longer than a minute for a scaler that nobody removes', () => {
    expect(kinds(pruningOf([stored('Deployment'), stored('ScaledObject', '2026-01-01T00:01:00Z')], now))).toEqual([
      'Deployment',
    ]);
  });

  it('deletes nothing twice', () => {
    expect(kinds(pruningOf([stored('Service', '2026-01-01T00:01:59Z')], now))).toEqual([]);
  });
});

describe('secrets', () => {
  const pod = {
    ...object({}, 'Deployment'),
    spec: {
      template: {
        spec: {
          imagePullSecrets: [{ name: 'registry' }],
          containers: [
            {
              env: [
                { name: 'A', valueFrom: { secretKeyRef: { name: 'database', key: 'writer' } } },
                { name: 'B', valueFrom: { secretKeyRef: { name: 'database', key: 'reader' } } },
                { name: 'C', valueFrom: { secretKeyRef: { name: 'extra', key: 'x', optional: true } } },
              ],
              envFrom: [{ secretRef: { name: 'all' } }],
            },
          ],
          volumes: [
            { name: 'w', secret: { secretName: 'wallet', items: [{ key: 'jwk', path: 'wallet.json' }] } },
            { name: 'p', projected: { sources: [{ secret: { name: 'projected' } }] } },
          ],
        },
      },
    },
  };

  it('are found wherever pods need them', () => {
    expect(secretReferences([pod])).toEqual([
      { name: 'database', key: 'writer', optional: false },
      { name: 'database', key: 'reader', optional: false },
      { name: 'extra', key: 'x', optional: true },
      { name: 'all', key: undefined, optional: false },
      { name: 'wallet', key: 'jwk', optional: false },
      { name: 'projected', key: undefined, optional: false },
    ]);
  });

  const secret = (data: Record<string, string>) => ({ ...object({ name: 'database' }, 'Secret'), data });
  const having = (data?: Record<string, string>) => new Map([['database', data && secret(data)]]);
  const writer = { name: 'database', key: 'writer', optional: false };

  it('are missing as a whole or by key, unless pods start without them', () => {
    const reader = { ...writer, key: 'reader' };
    expect(missingSecrets([writer, reader, reader], having({ writer: 'dw==' }))).toEqual(['database/reader']);
    expect(missingSecrets([writer, reader], having())).toEqual(['database']);
    expect(missingSecrets([{ ...writer, optional: true }], having())).toEqual([]);
  });

  it('have a digest that moves with the keys in use only, and holds no value', () => {
    const digest = (data: Record<string, string>, key: string | undefined = 'writer') =>
      secretDigests([{ ...writer, key }], having(data)).database;
    const whole = (data: Record<string, string>) =>
      secretDigests([{ ...writer, key: undefined }], having(data)).database;
    expect(digest({ writer: 'a', other: 'b' })).toBe(digest({ other: 'c', writer: 'a' }));
    expect(digest({ writer: 'a' })).not.toBe(digest({ writer: 'b' }));
    expect(whole({ writer: 'a' })).not.toBe(whole({ writer: 'a', x: 'b' }));
    expect(whole({ writer: 'a', x: 'b' })).toBe(whole({ x: 'b', writer: 'a' }));
    expect(secretDigests([writer], having())).toEqual({});
  });
});
