import type { Parameters } from 'fast-check';

/** Fixed, so that one commit has one verdict; other seeds are for people and for nights. */
const SEED = 104;

/**
 * How much is tried, and from which seed. `FUZZ_SEED` and `FUZZ_PATH` repeat a failure with the words of its report;
 * `FUZZ_FACTOR` multiplies the number of cases.
 */
export function fuzzSettings(numRuns: number): Parameters<unknown> & { numRuns: number } {
  // oxlint-disable-next-line node/no-process-env
  const { FUZZ_SEED, FUZZ_PATH, FUZZ_FACTOR } = process.env;
  return {
    seed: Number(FUZZ_SEED ?? SEED),
    numRuns: Math.ceil(numRuns * Number(FUZZ_FACTOR ?? 1)),
    ...(FUZZ_PATH !== undefined && { path: FUZZ_PATH }),
  };
}
