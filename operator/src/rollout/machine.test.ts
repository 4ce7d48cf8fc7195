import { failed, type Gate, passed, waiting } from './gate.ts';
import { admit, advance, courseOf } from './machine.ts';
import { type Attempt, type Revision, surplus } from './revision.ts';
import { waves } from './waves.ts';

const now = '2026-01-01T00:00:00Z';
const attempt = (outcome: Attempt['outcome'], over: Partial<Attempt> = {}): Attempt => ({
  generation: 1,
  retry: '',
  outcome,
  wave: outcome === 'Good' ? 'UploadApi' : 'Base',
  since: now,
  ...over,
});
const revision = (name: string, number: number, made: Attempt): Revision => ({
  name,
  number,
  spec: { name },
  attempt: made,
});
const ask = (name: string | undefined, history: Revision[], over: { generation?: number; retry?: string } = {}) =>
  admit({
    wanted: name === undefined ? undefined : { name, spec: { name } },
    generation: 1,
    retry: '',
    history,
    now,
    ...over,
  });

const a = revision('a', 1, attempt('Good'));

describe('admit', () => {
  it('starts the first revision with the first wave', () => {
    expect(ask('a', [])).toEqual(revision('a', 1, attempt('Rolling')));
  });

  it('has nothing to write down while the spec stays what it was', () => {
    const rolling = revision('b', 2, attempt('Rolling', { wave: 'Workers' }));
    expect(ask('a', [a])).toBe(a);
    expect(ask('b', [a, rolling], { generation: 9 })).toBe(rolling);
  });

  it('numbers a new spec above all others', () => {
    expect(ask('b', [a], { generation: 2 })).toMatchObject({
      number: 2,
      attempt: { outcome: 'Rolling', generation: 2 },
    });
  });

  it('does not try a failed revision again on its own', () => {
    const b = revision('b', 2, attempt('Failed', { generation: 2, retry: 'x' }));
    expect(ask('b', [a, b], { generation: 2, retry: 'x' })).toBe(b);
  });

  it.each([
    ['the spec was edited', { generation: 3, retry: '' }],
    ['a retry was asked for', { generation: 2, retry: 'now' }],
  ])('tries a failed revision again when %s', (_, over) => {
    const b = revision('b', 2, attempt('Failed', { generation: 2, wave: 'Workers', reason: 'CrashLoop' }));
    expect(ask('b', [a, b], over)).toEqual(revision('b', 2, attempt('Rolling', over)));
  });

  it('goes back to the last good spec without proving it again', () => {
    const b = revision('b', 2, attempt('Rolling', { wave: 'Workers' }));
    const back = ask('a', [a, b], { generation: 3 });
    expect(back).toEqual({ ...a, number: 3 });
    expect(ask(undefined, [back!, b])).toBe(back);
  });

  it('proves a good revision again when another one was good since', () => {
    const b = revision('b', 2, attempt('Good'));
    expect(ask('a', [a, b], { generation: 3 })).toMatchObject({
      number: 3,
      attempt: { outcome: 'Rolling', wave: 'Base' },
    });
  });

  it('goes on with the revision accepted last while the spec cannot be used', () => {
    const b = revision('b', 2, attempt('Rolling'));
    expect(ask(undefined, [a, b])).toBe(b);
    expect(ask(undefined, [])).toBeUndefined();
  });
});

describe('courseOf', () => {
  const names = (target: Revision, history: Revision[], onFailure: 'RollBack' | 'Hold' = 'RollBack') => {
    const course = courseOf(target, history, onFailure);
    return [course.phase, ...waves.map((wave) => course.revisionOf(wave)?.name)];
  };
  const rolling = revision('b', 2, attempt('Rolling', { wave: 'Workers' }));
  const broken = revision('b', 2, attempt('Failed', { wave: 'Workers' }));

  it('gives a wave the new revision only when it is reached', () => {
    expect(names(rolling, [a, rolling])).toEqual(['Rolling', 'b', 'b', 'b', 'a']);
  });

  it('leaves later waves alone in the very first rollout', () => {
    expect(names(rolling, [rolling])).toEqual(['Rolling', 'b', 'b', 'b', undefined]);
  });

  it('leaves a wave with what it was getting when the spec changed once more', () => {
    const c = revision('c', 3, attempt('Rolling'));
    expect(names(c, [a, rolling, c])).toEqual(['Rolling', 'c', 'b', 'b', 'a']);
  });

  it('goes back to the last good revision everywhere when an attempt fails', () => {
    expect(names(broken, [a, broken])).toEqual(['RolledBack', 'a', 'a', 'a', 'a']);
  });

  it.each([
    ['it is told to', [a, broken], 'Hold', 'a'],
    ['there is nothing to go back to', [broken], 'RollBack', undefined],
  ] as const)('stops where it is when %s', (_, history, onFailure, upload) => {
    expect(names(broken, [...history], onFailure)).toEqual(['Held', 'b', 'b', 'b', upload]);
  });

  it('never goes back to a revision that failed or was not finished', () => {
    const unfinished = revision('c', 3, attempt('Rolling', { wave: 'UploadApi' }));
    const last = revision('d', 4, attempt('Failed'));
    expect(names(last, [a, unfinished, last])).toEqual(['RolledBack', 'a', 'a', 'a', 'a']);
  });
});

describe('advance', () => {
  const later = '2026-01-01T00:01:00Z';
  const bad = failed('CrashLoop', 'it died');
  const table: [string, Attempt, Gate, Attempt][] = [
    ['waits', attempt('Rolling'), waiting('Updating', ''), attempt('Rolling')],
    ['reaches the next wave', attempt('Rolling'), passed, attempt('Rolling', { wave: 'Migrations', since: later })],
    [
      'is good after the last wave',
      attempt('Rolling', { wave: 'UploadApi' }),
      passed,
      attempt('Good', { since: later }),
    ],
    [
      'fails with the reason of the gate',
      attempt('Rolling', { wave: 'Workers' }),
      bad,
      attempt('Failed', { wave: 'Workers', since: later, reason: 'CrashLoop', message: 'it died' }),
    ],
    ['stays good whatever happens later', attempt('Good'), bad, attempt('Good')],
    ['stays failed though it recovers', attempt('Failed'), passed, attempt('Failed')],
  ];
  it.each(table)('%s', (_, from, gate, to) => {
    expect(advance(from, gate, later)).toEqual(to);
  });

  it('is the same object when nothing moved, so that nothing is written', () => {
    const same = attempt('Rolling');
    expect(advance(same, waiting('Updating', ''), later)).toBe(same);
  });
});

describe('surplus', () => {
  it('names the oldest revisions beyond ten, but never the last good one', () => {
    const history = Array.from({ length: 13 }, (_, index) =>
      revision(`r${index}`, index, attempt(index === 0 ? 'Good' : 'Failed')),
    );
    expect(surplus(history).map(({ name }) => name)).toEqual(['r2', 'r1']);
  });
});
