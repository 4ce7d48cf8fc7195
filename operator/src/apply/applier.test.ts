import { FakeClock } from '../fixtures/fake-clock.ts';
import { NotFound } from '../kube/errors.ts';
import type { KubeApi } from '../kube/index.ts';
import type { KubeObject, Stored } from '../kube/objects.ts';
import { Applier } from './applier.ts';

const manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'demo-live', namespace: 'here', labels: { ours: 'yes' } },
} satisfies KubeObject;
const owner = { name: 'demo', namespace: 'here', uid: 'owner' };

let clock: FakeClock;
let live: Stored | undefined;
let version: number;
let applier: Applier;

function store(object: KubeObject, uid: string): Stored {
  version += 1;
  live = { ...object, metadata: { ...object.metadata, uid, resourceVersion: String(version) } };
  return live;
}

/** One object, as an API server keeps it. */
const api = {
  get: async () => {
    if (!live) throw new NotFound('get', { code: 404, detail: 'not there' });
    return live;
  },
  apply: async (object: KubeObject) => store(object, live?.metadata.uid ?? `uid-${version}`),
} as unknown as KubeApi;

beforeEach(async () => {
  clock = new FakeClock();
  [live, version] = [undefined, 0];
  applier = new Applier(api, clock);
  await apply();
});

const apply = async (): Promise<string> => (await applier.apply({ manifest, owner, seen: live, adopt: false })).result;

/** Somebody undoes what is ours, again and again; what becomes of each correction. */
async function fight(undo: () => void, times: number): Promise<string[]> {
  const results: string[] = [];
  for (let round = 0; round < times; round += 1) {
    undo();
    results.push(await apply());
    clock.skip(1000);
  }
  return results;
}
const edit = () => {
  store({ ...manifest, metadata: { ...manifest.metadata, labels: { ours: 'no' } } }, live!.metadata.uid);
  live = {
    ...live!,
    metadata: { ...live!.metadata, ownerReferences: [{ ...manifest, name: 'demo', uid: 'owner', controller: true }] },
  };
};
const remove = () => {
  live = undefined;
};

it('sets right what somebody edits, three times, and then leaves it alone for five minutes', async () => {
  expect(await fight(edit, 5)).toEqual(['changed', 'changed', 'changed', 'fought', 'fought']);
  clock.skip(300_000);
  expect(await apply()).toBe('changed');
});

it('makes anew what somebody deletes, however often, but not without a pause', async () => {
  expect(await fight(remove, 5)).toEqual(['created', 'created', 'created', 'fought', 'fought']);
  clock.skip(30_000);
  expect(await fight(remove, 2)).toEqual(['created', 'fought']);
});

it('knows nothing any more of what is no part of a BundlerConfig', async () => {
  applier.keepOnly(owner, [manifest]);
  remove();
  expect(await applier.apply({ manifest, owner, seen: live, adopt: false })).toHaveProperty('drift');
  applier.keepOnly(owner, []);
  remove();
  expect(await applier.apply({ manifest, owner, seen: live, adopt: false })).not.toHaveProperty('drift');
});
