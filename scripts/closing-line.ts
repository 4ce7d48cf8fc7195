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

/** One line such as `12 passed, 0 failed, 1 skipped`, and whether the run was good: tests ran and none failed. */
export function closingLine(summary: JestSummary | undefined): { line: string; ok: boolean } {
  if (summary === undefined) return { line: '0 passed, 0 failed', ok: false };
  const passed = summary.numPassedTests;
  const failed = summary.numFailedTests + summary.numRuntimeErrorTestSuites;
  const skipped = summary.numPendingTests + summary.numTodoTests;
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { line, ok: summary.success && failed === 0 && passed > 0 };
}
