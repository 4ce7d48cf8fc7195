import { FakeClock } from '../fixtures/fake-clock.ts';
import { NotFound } from '../kube/errors.ts';
import type { KubeApi } from '../kube/index.ts';
import type { ObjectRef } from '../kube/resources.ts';
import { SecretOutlines } from './secret-outlines.ts';

const BELIEVED_MS = 30_000;
let clock: FakeClock;
let values: Map<string, string>;
let asked: string[];
let outlines: SecretOutlines;

const api = {
  get: async ({ namespace, name }: ObjectRef) => {
    asked.push(`${namespace}/${name}`);
    const value = values.get(name);
    if (value === undefined) throw new NotFound('get', { code: 404, detail: 'not there' });
    return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data: { key: value } };
  },
} as unknown as Pick<KubeApi, 'get'>;

beforeEach(() => {
  clock = new FakeClock();
  values = new Map([['database', 'first']]);
  asked = [];
  outlines = new SecretOutlines(api, clock, BELIEVED_MS);
});

const valueOf = async (name: string) => (await outlines.read('here', [name])).get(name)?.data?.['key'];

it('asks once in a while, and holds no value', async () => {
  const before = await valueOf('database');
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  values.set('database', 'second');
  clock.skip(BELIEVED_MS - 1);
  expect(await valueOf('database')).toBe(before);
  clock.skip(1);
  expect(await valueOf('database')).not.toBe(before);
  expect(asked).toEqual(['here/database', 'here/database']);
});

it('looks for one that is missing each time', async () => {
  expect(await valueOf('wallet')).toBeUndefined();
  values.set('wallet', 'now');
  expect(await valueOf('wallet')).toMatch(/^[0-9a-f]{64}$/);
});

it('keeps nothing of Secrets that nobody asks for any more', async () => {
  for (let round = 0; round < 50; round += 1) {
    await outlines.read(`namespace-${round}`, ['database', 'wallet']);
    clock.skip(BELIEVED_MS / 2);
  }
  expect(outlines.size).toBeLessThanOrEqual(6);
});
