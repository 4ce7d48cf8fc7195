/** Where the rounds of tests leave their summaries (see run-tests.ts). */
export const summaries = ['.cache/test-summary.unit.json', '.cache/test-summary.int.json'] as const;

/** What is read of the file that `jest --json --outputFile` writes, and what a second run adds to it. */
export interface JestSummary {
  readonly success: boolean;
  readonly testResults: readonly SuiteResult[];
  /** Tests that failed, and passed when their file was run again. */
  readonly unstable?: readonly string[];
}

/** One test file. One that could not be run at all has failed without a test. */
interface SuiteResult {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
}

/** The files with tests that failed. */
export function failedFiles({ testResults }: JestSummary): string[] {
  return testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
}

/** A summary in which what came of the files that were run again stands in place of what had come of them before. */
export function withSecondRun(first: JestSummary, second: JestSummary): JestSummary {
  const again = new Map(second.testResults.map((suite) => [suite.name, suite]));
  const unstable = first.testResults
    .filter(({ name, status }) => status === 'failed' && again.get(name)?.status === 'passed')
    .flatMap(({ name, assertionResults }) => {
      const failed = assertionResults.filter(({ status }) => status === 'failed');
      return failed.length > 0 ? failed.map(({ fullName }) => fullName) : [name];
    });
  const testResults = first.testResults.map((suite) => again.get(suite.name) ?? suite);
  return { success: second.success, testResults, unstable };
}

/**
 * One line such as `12 passed, 0 failed, 1 skipped` for all rounds, and whether the run was good: each round left a summary, and
 * in each tests ran and none failed. Tests that passed only when they were run again are passed ones that the line names apart.
 */
export function closingLine(rounds: readonly (JestSummary | undefined)[]): { line: string; ok: boolean } {
  const counts = rounds.map(count);
  const sum = (of: (one: Counts) => number): number => counts.reduce((total, one) => total + of(one), 0);
  const [skipped, unstable] = [sum((one) => one.skipped), sum((one) => one.unstable)];
  const line = [
    `${sum((one) => one.passed)} passed`,
    `${sum((one) => one.failed)} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(unstable > 0 ? [`${unstable} only when run again`] : []),
  ].join(', ');
  return { line, ok: counts.length > 0 && counts.every((one) => one.ok) };
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly unstable: number;
  readonly ok: boolean;
}

function count(summary: JestSummary | undefined): Counts {
  if (summary === undefined) return { passed: 0, failed: 0, skipped: 0, unstable: 0, ok: false };
  const tests = summary.testResults.flatMap(({ assertionResults }) => assertionResults);
  const ofStatus = (wanted: string): number => tests.filter(({ status }) => status === wanted).length;
  const notRun = summary.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  const passed = ofStatus('passed');
  const failed = ofStatus('failed') + notRun;
  const skipped = tests.length - passed - ofStatus('failed');
  const unstable = summary.unstable?.length ?? 0;
  return { passed, failed, skipped, unstable, ok: summary.success && failed === 0 && passed > 0 };
}
