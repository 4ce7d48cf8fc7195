import type { Assertion } from './assertion.ts';
import { inRun, judge } from './judge.ts';

const run = { from: 100, to: 145 };

/** A Prometheus that gives a number for a query at a time, or none. */
function judging(
  answers: Readonly<Record<string, (at: number) => number | undefined>>,
  client: Record<string, number> = {},
) {
  let clock = run.to;
  return {
    prometheus: { number: async (query: string, at: number) => answers[query]?.(at) },
    run,
    client: (name: string) => client[name] ?? 0,
    // Each look takes longer than any patience of these tests.
    now: () => {
      clock += 40;
      return clock;
    },
  };
}

const assertion = (changes: Partial<Assertion>): Assertion => ({
  says: 'it holds',
  query: 'x',
  of: 'end',
  must: { equals: 0 },
  ...changes,
});

describe('an assertion about the server', () => {
  it.each([
    [{ equals: 5 }, 5, true],
    [{ equals: 5 }, 6, false],
    [{ atMost: 5 }, 5, true],
    [{ atMost: 5 }, 5.1, false],
    [{ atLeast: 5 }, 5, true],
    [{ atLeast: 5 }, 4.9, false],
  ])('with the bound %j and the value %d passes: %s', async (must, value, passed) => {
    expect((await judge(assertion({ must }), judging({ x: () => value }))).passed).toBe(passed);
  });

  it('looks at what a counter grew by in the run, not at what it was before', async () => {
    const verdict = await judge(
      assertion({ of: 'growth', must: { equals: 26 } }),
      judging({ x: (at) => (at < 145 ? 1000 : 1026) }),
    );
    expect(verdict).toMatchObject({ passed: true, detail: '26, must be exactly 26' });
  });

  it('compares with what clients counted', async () => {
    const counted = assertion({ of: 'growth', must: { equals: { client: 'uploads_accepted' } } });
    expect((await judge(counted, judging({ x: (at) => (at < 145 ? 0 : 26) }, { uploads_accepted: 26 }))).passed).toBe(
      true,
    );
    expect(await judge(counted, judging({ x: (at) => (at < 145 ? 0 : 26) }, { uploads_accepted: 27 }))).toEqual({
      name: 'it holds',
      passed: false,
      detail: '26, must be exactly 27 (uploads_accepted)',
    });
  });

  it('fails when there is nothing to look at, unless it says what that counts as', async () => {
    expect(await judge(assertion({}), judging({}))).toMatchObject({ passed: false, detail: 'no series for x' });
    expect((await judge(assertion({ absent: 0 }), judging({}))).passed).toBe(true);
    expect((await judge(assertion({ absent: 1 }), judging({}))).passed).toBe(false);
    expect((await judge(assertion({}), judging({ x: () => Number.NaN }))).passed).toBe(false);
  });

  it('waits as long as it may take, and says how long it took', async () => {
    const draining = { x: (at: number) => (at < 200 ? 7 : 0) };
    expect(await judge(assertion({ withinSeconds: 120 }), judging(draining))).toMatchObject({ passed: true });
    expect(await judge(assertion({ withinSeconds: 30 }), judging(draining))).toMatchObject({
      passed: false,
      detail: '7, must be exactly 0, 40 s after the load',
    });
  });

  it('knows how long the run was', () => {
    expect(inRun('max(max_over_time(x[$run])) > max_over_time(y[$run:1s])', run)).toBe(
      'max(max_over_time(x[45s])) > max_over_time(y[45s:1s])',
    );
  });
});
