import { closingLine } from './closing-line.ts';

const good = {
  success: true,
  numPassedTests: 123,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
};

describe('closingLine', () => {
  it('counts what passed', () => {
    expect(closingLine([good])).toEqual({ line: '123 passed, 0 failed', ok: true });
  });

  it('counts skipped and planned tests as skipped', () => {
    expect(closingLine([{ ...good, numPendingTests: 1, numTodoTests: 1 }])).toEqual({
      line: '123 passed, 0 failed, 2 skipped',
      ok: true,
    });
  });

  it('counts a file that could not be run as a failure', () => {
    expect(closingLine([{ ...good, success: false, numFailedTests: 2, numRuntimeErrorTestSuites: 1 }])).toEqual({
      line: '123 passed, 3 failed',
      ok: false,
    });
  });

  it('adds up the rounds, and is good when each of them was', () => {
    expect(closingLine([good, { ...good, numPassedTests: 7 }])).toEqual({ line: '130 passed, 0 failed', ok: true });
    expect(closingLine([good, { ...good, success: false, numFailedTests: 1 }])).toEqual({
      line: '246 passed, 1 failed',
      ok: false,
    });
    expect(closingLine([good, undefined])).toEqual({ line: '123 passed, 0 failed', ok: false });
    expect(closingLine([]).ok).toBe(false);
  });

  it('is not good when no test ran, when no summary was written, or when jest itself failed', () => {
    expect(closingLine([{ ...good, numPassedTests: 0 }])).toEqual({ line: '0 passed, 0 failed', ok: false });
    expect(closingLine([undefined])).toEqual({ line: '0 passed, 0 failed', ok: false });
    expect(closingLine([{ ...good, success: false }]).ok).toBe(false);
  });
});
