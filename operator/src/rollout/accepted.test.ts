import { readSpec } from '@bundler/contract';
import { accepted, configOf } from './accepted.ts';
import { revisionName } from './revision.ts';

const minimal = {
  database: { secretRef: { name: 'database' } },
  redis: { queue: { host: 'queue' }, cache: { host: 'cache' } },
  objectStore: { s3: { bucket: 'items' } },
  arweave: { walletSecretRef: { name: 'wallet' } },
};
const take = (extra: object = {}, image = 'bundler:1') => {
  const { config, violations } = readSpec({ ...minimal, ...extra }, 'cluster');
  expect(violations).toEqual([]);
  return accepted(config, image);
};
const name = (extra?: object, image?: string) => revisionName({ name: 'demo', uid: 'u-1' }, take(extra, image));

describe('what is accepted', () => {
  it('gives back the configuration that it was made from', () => {
    const { config } = readSpec({ ...minimal, upload: { replicas: 5 } }, 'cluster');
    expect(configOf(accepted(config, 'bundler:1'))).toEqual({ config, image: 'bundler:1' });
  });

  it.each([
    ['a default that is spelled out', { upload: { port: 3001 } }],
    ['a duration in other words', { rollout: { minReady: '30000ms' } }],
    ['suspending', { suspend: true }],
    ['what becomes of the objects on deletion', { deletionPolicy: 'Orphan' }],
    ['what follows a failure', { rollout: { onFailure: 'Hold' } }],
  ])('is the same revision with %s', (_, extra) => {
    expect(name(extra)).toBe(name());
  });

  it.each([
    ['a setting', { upload: { freeUploadLimit: '1Mi' } }],
    ['a live setting', { observability: { logLevel: 'debug' } }],
    ['what only a cluster knows', { workers: { plan: { scaling: { maxReplicas: 7 } } } }],
  ])('is another revision with %s', (_, extra) => {
    expect(name(extra)).not.toBe(name());
  });

  it("moves with the operator's image only where the spec names none", () => {
    const own = { image: { repository: 'mine', tag: '1' } };
    expect(name({}, 'bundler:2')).not.toBe(name({}, 'bundler:1'));
    expect(name(own, 'bundler:2')).toBe(name(own, 'bundler:1'));
  });

  it.each([undefined, {}, { spec: { typo: 1 } }, 'junk'])('is not what this version would accept: %j', (data) => {
    expect(configOf(data)).toBeUndefined();
  });
});
