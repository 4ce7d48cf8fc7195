import { closingLine, failedFiles, type JestSummary, withSecondRun } from './closing-line.ts';

/** A test file with tests of these ends. */
const suite = (name: string, ...statuses: string[]): JestSummary['testResults'][number] => ({
  name,
  status: statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status, index) => ({ fullName: `${name} ${index}`, status })),
});
const notRun = (name: string): JestSummary['testResults'][number] => ({ name, status: 'failed', assertionResults: [] });
const summary = (...testResults: JestSummary['testResults']): JestSummary => ({
  success: testResults.every(({ status }) => status === 'passed'),
  testResults,
});
const good = summary(suite('a', 'passed', 'passed'), suite('b', 'passed'));

describe('closingLine', () => {
  it('counts what passed', () => {
    expect(closingLine([good])).toEqual({ line: '3 passed, 0 failed', ok: true });
  });

  it('counts skipped and planned tests as skipped', () => {
    expect(closingLine([summary(suite('a', 'passed', 'pending', 'todo'))])).toEqual({
      line: '1 passed, 0 failed, 2 skipped',
      ok: true,
    });
  });

  it('counts a file that could not be run as a failure', () => {
    expect(closingLine([summary(suite('a', 'passed', 'failed', 'failed'), notRun('b'))])).toEqual({
      line: '1 passed, 3 failed',
      ok: false,
    });
  });

  it('adds up the rounds, and is good when each of them was', () => {
    const seven = summary(suite('c', ...Array<string>(7).fill('passed')));
    expect(closingLine([good, seven])).toEqual({ line: '10 passed, 0 failed', ok: true });
    expect(closingLine([good, summary(suite('c', 'passed', 'failed'))])).toEqual({
      line: '4 passed, 1 failed',
      ok: false,
    });
    expect(closingLine([good, undefined])).toEqual({ line: '3 passed, 0 failed', ok: false });
    expect(closingLine([]).ok).toBe(false);
  });

  it('is not good when no test ran, when no summary was written, or when jest itself failed', () => {
    expect(closingLine([summary()])).toEqual({ line: '0 passed, 0 failed', ok: false });
    expect(closingLine([undefined])).toEqual({ line: '0 passed, 0 failed', ok: false });
    expect(closingLine([{ ...good, success: false }]).ok).toBe(false);
  });
});

describe('a second run', () => {
  const first = summary(suite('a', 'passed'), suite('b', 'passed', 'failed'), notRun('c'));

  it('is of the files that failed', () => {
    expect(failedFiles(first)).toEqual(['b', 'c']);
    expect(failedFiles(good)).toEqual([]);
  });

  it('stands for the first, and what passed only then is named', () => {
    const both = withSecondRun(first, summary(suite('b', 'passed', 'passed'), suite('c', 'passed')));
    expect(both.unstable).toEqual(['b 1', 'c']);
    expect(closingLine([both])).toEqual({ line: '4 passed, 0 failed, 2 only when run again', ok: true });
  });

  it('that fails as well is a failure', () => {
    const both = withSecondRun(first, summary(suite('b', 'passed', 'failed'), suite('c', 'passed')));
    expect(closingLine([both])).toEqual({ line: '3 passed, 1 failed, 1 only when run again', ok: false });
  });

  it('that does not run a file that had failed leaves it failed', () => {
    const both = withSecondRun(first, summary(suite('c', 'passed')));
    expect(closingLine([both])).toEqual({ line: '3 passed, 1 failed, 1 only when run again', ok: false });
  });
});
