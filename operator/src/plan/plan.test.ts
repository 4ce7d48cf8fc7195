import { TEMPLATE_HASH } from '../render/hash.ts';
import { differences } from './differences.ts';
import { diffManifests } from './manifest-diff.ts';
import { restartsBetween } from './restarts.ts';

describe('differences', () => {
  it.each([
    ['a value', { a: { b: 1 } }, { a: { b: 2 } }, [{ path: 'a.b', from: 1, to: 2 }]],
    ['a field that comes', {}, { a: 1 }, [{ path: 'a', from: undefined, to: 1 }]],
    ['a field that goes', { a: { b: 1 } }, {}, [{ path: 'a', from: { b: 1 }, to: undefined }]],
    ['nothing', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
    ['a plain list as a whole', { a: [1, 2] }, { a: [1, 3] }, [{ path: 'a', from: [1, 2], to: [1, 3] }]],
    [
      'an entry of a list by its name, wherever it stands',
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'B', value: '1' },
        ],
      },
      {
        env: [
          { name: 'B', value: '2' },
          { name: 'A', value: '1' },
        ],
      },
      [{ path: 'env[B].value', from: '1', to: '2' }],
    ],
    [
      'lists that use a name twice as wholes',
      [{ name: 'A' }],
      [{ name: 'A' }, { name: 'A' }],
      [{ path: '', from: [{ name: 'A' }], to: [{ name: 'A' }, { name: 'A' }] }],
    ],
  ])('finds %s', (_, from, to, found) => {
    expect(differences(from, to)).toEqual(found);
  });
});

function deployment(
  name: string,
  over: { env?: object[]; image?: string; replicas?: number; cpu?: string; hash?: string } = {},
) {
  const { env = [{ name: 'DB_POOL_MAX', value: '50' }], image = 'bundler:1', replicas = 2, cpu = '100m' } = over;
  const container = { name: 'upload', image, env, resources: { requests: { cpu } } };
  const annotations = { [TEMPLATE_HASH]: over.hash ?? JSON.stringify(container) };
  return {
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas, template: { metadata: { annotations }, spec: { containers: [container] } } },
  };
}
const service = (name: string) => ({ kind: 'Service', metadata: { name } });

describe('diffManifests', () => {
  it('names what comes, what changes and what goes', () => {
    const before = [service('a'), deployment('b'), service('d')];
    const after = [service('a'), deployment('b', { replicas: 3 }), service('c')];
    expect(diffManifests(before, after)).toEqual({
      adds: ['Service/c'],
      changes: [{ object: 'Deployment/b', differences: [{ path: 'spec.replicas', from: 2, to: 3 }] }],
      deletes: ['Service/d'],
    });
  });

  it('tells objects of one name and two kinds apart', () => {
    expect(diffManifests([service('a')], [deployment('a')])).toMatchObject({
      adds: ['Deployment/a'],
      deletes: ['Service/a'],
    });
  });
});

describe('restartsBetween', () => {
  const reasons = (over: Parameters<typeof deployment>[1]) =>
    restartsBetween([deployment('u')], [deployment('u', over)]);

  it.each([
    ['a variable', { env: [{ name: 'DB_POOL_MAX', value: '60' }] }, ['DB_POOL_MAX 50 → 60']],
    [
      'a variable that comes and one that goes',
      { env: [{ name: 'CACHE', value: 'on' }] },
      ['DB_POOL_MAX removed', 'CACHE set to on'],
    ],
    [
      'a variable that becomes a reference, without what it refers to',
      { env: [{ name: 'DB_POOL_MAX', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
      ['DB_POOL_MAX taken from another place'],
    ],
    ['the image', { image: 'bundler:2' }, ['image bundler:1 → bundler:2']],
    ['the resources', { cpu: '1' }, ['cpu requests 100m → 1']],
    ['a hash that moves alone', { hash: 'x' }, ['the pod template']],
  ])('explains a restart by %s', (_, over, expected) => {
    expect(reasons(over)).toEqual([{ deployment: 'u', reasons: expected }]);
  });

  it('restarts nothing for a replica count, a new Deployment or one that goes', () => {
    expect(reasons({ replicas: 9 })).toEqual([]);
    expect(restartsBetween([deployment('a')], [deployment('b')])).toEqual([]);
  });

  it('does not print values of any length', () => {
    const [restart] = reasons({ env: [{ name: 'DB_POOL_MAX', value: 'x'.repeat(500) }] });
    expect(restart?.reasons[0]!.length).toBeLessThan(120);
  });
});
