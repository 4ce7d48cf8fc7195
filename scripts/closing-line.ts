/** Where the rounds of tests leave their summaries (see run-tests.ts). */
export const summaries = ['.cache/test-summary.unit.json', '.cache/test-summary.int.json'] as const;

/** What is read of the file that `jest --json --outputFile` writes. */
export interface JestSummary {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Test files that could not be run at all; none of their tests is counted anywhere. */
  readonly numRuntimeErrorTestSuites: number;
}

/**
 * One line such as `12 passed, 0 failed, 1 skipped` for all rounds, and whether the run was good: each round left a summary, and
 * in each tests ran and none failed.
 */
export function closingLine(rounds: readonly (JestSummary | undefined)[]): { line: string; ok: boolean } {
  const counts = rounds.map(count);
  const sum = (of: (one: Counts) => number): number => counts.reduce((total, one) => total + of(one), 0);
  const skipped = sum((one) => one.skipped);
  const line = `${sum((one) => one.passed)} passed, ${sum((one) => one.failed)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { line, ok: counts.length > 0 && counts.every((one) => one.ok) };
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly ok: boolean;
}

function count(summary: JestSummary | undefined): Counts {
  if (summary === undefined) return { passed: 0, failed: 0, skipped: 0, ok: false };
  const passed = summary.numPassedTests;
  const failed = summary.numFailedTests + summary.numRuntimeErrorTestSuites;
  const skipped = summary.numPendingTests + summary.numTodoTests;
  return { passed, failed, skipped, ok: summary.success && failed === 0 && passed > 0 };
}
