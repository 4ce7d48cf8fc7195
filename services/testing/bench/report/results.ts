import type { LoadResult } from '../children/load-tool.ts';
import type { SigningRate } from '../children/signing-rate.ts';
import type { BenchOptions } from '../options.ts';
import type { LargeResult } from '../parts/large.ts';
import type { OpenRound } from '../parts/open.ts';
import type { PaidResult } from '../parts/paid.ts';
import type { PlanningResult } from '../parts/planning.ts';
import type { PostedResult } from '../parts/posted.ts';
import type { PrepareResult } from '../parts/prepare.ts';
import type { UploadRound } from '../parts/uploads.ts';
import type { Machine } from '../system/machine.ts';

/** All figures of one run; parts that did not run are absent. */
export interface BenchResults {
  /** ISO time at which the run started. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly options: BenchOptions;
  readonly machine: Machine;
  /** Every S, in the order in which it was measured. */
  readonly signing: readonly SigningRate[];
  readonly rawFastify?: LoadResult;
  readonly uploads?: readonly UploadRound[];
  readonly open?: readonly OpenRound[];
  readonly large?: LargeResult;
  readonly prepare?: PrepareResult;
  readonly posted?: PostedResult;
  readonly planning?: PlanningResult;
  readonly paid?: PaidResult;
}
