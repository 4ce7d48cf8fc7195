import { ATTEMPT_ANNOTATION, fromControllerRevision, toControllerRevision } from './controller-revision.ts';
import { lastGood, latest, type Revision, revisionName } from './revision.ts';

const revision: Revision = {
  name: 'demo-1234567890',
  number: 7,
  spec: { upload: { replicas: 3 } },
  attempt: { generation: 4, retry: 'x', outcome: 'Good', wave: 'UploadApi', since: '2026-01-01T00:00:00Z' },
};

const demo = { name: 'demo', uid: 'u-1' };

describe('revisionName', () => {
  it('does not depend on the order in which a spec was typed', () => {
    expect(revisionName(demo, { a: { b: 1, c: [1, 2] }, d: 2 })).toBe(
      revisionName(demo, { d: 2, a: { c: [1, 2], b: 1 } }),
    );
  });

  it('moves with any value, and with the order of a list', () => {
    const specs = [{ a: 1 }, { a: 2 }, { a: [1, 2] }, { a: [2, 1] }, { b: 1 }];
    expect(new Set(specs.map((spec) => revisionName(demo, spec))).size).toBe(specs.length);
  });

  it('is another one for a BundlerConfig that was made anew', () => {
    expect(revisionName({ ...demo, uid: 'u-2' }, {})).not.toBe(revisionName(demo, {}));
  });

  it('starts with the name of the BundlerConfig', () => expect(revisionName(demo, {})).toMatch(/^demo-[0-9a-f]{10}$/));
});

describe('a ControllerRevision', () => {
  it('gives back the revision that was stored in it', () => {
    expect(fromControllerRevision(toControllerRevision(revision, 'demo', 'default'))).toEqual(revision);
  });

  it.each(['', 'no json', '{}', '{"outcome":"Great","wave":"Base","generation":1}'])(
    'counts as failed when its note says %j, so that nothing goes back to it',
    (note) => {
      const stored = toControllerRevision(revision, 'demo', 'default');
      const spoiled = { ...stored, metadata: { ...stored.metadata, annotations: { [ATTEMPT_ANNOTATION]: note } } };
      expect(fromControllerRevision(spoiled).attempt).toMatchObject({ outcome: 'Failed', reason: 'RecordLost' });
    },
  );
});

describe('latest and lastGood', () => {
  it('go by number, not by place', () => {
    const good = (number: number): Revision => ({ ...revision, number });
    const failed: Revision = { ...good(9), attempt: { ...revision.attempt, outcome: 'Failed' } };
    expect(latest([good(2), failed, good(5)])?.number).toBe(9);
    expect(lastGood([good(2), failed, good(5), good(3)])?.number).toBe(5);
  });
});
