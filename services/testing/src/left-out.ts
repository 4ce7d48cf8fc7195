import { appendFileSync, readFileSync } from 'node:fs';

/** Environment variable that names the file in which the workers of a run note what they leave out. */
export const LEFT_OUT_FILE = 'TEST_LEFT_OUT_FILE';

/**
 * Describes tests that need a tool this machine may lack. Without it they count as skipped, their name says what is
 * missing, and the last lines of the run repeat it.
 *
 * @param missing what is missing and how to come by it; undefined when nothing is
 */
export function describeUnless(missing: string | undefined, name: string, tests: () => void): void {
  if (missing === undefined) {
    describe(name, tests);
    return;
  }
  const file = process.env[LEFT_OUT_FILE];
  if (file !== undefined) appendFileSync(file, `${name}: ${missing}\n`);
  describe.skip(`${name} (left out: ${missing})`, tests);
}

/** What the run left out, one line each: which tests, and what they need. */
export function readLeftOut(file: string): string[] {
  try {
    return [...new Set(readFileSync(file, 'utf8').trim().split('\n'))];
  } catch {
    // Nobody left anything out.
    return [];
  }
}
