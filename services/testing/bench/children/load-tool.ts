import { asChild } from '../child.ts';
import { type ClosedLoop, closedLoop } from '../load/closed-loop.ts';
import { type CorpusPlan, makeCorpus } from '../load/corpus.ts';
import { type OpenLoop, openLoop } from '../load/open-loop.ts';
import { countInvalid } from '../load/receipts.ts';
import type { TallySummary } from '../load/tally.ts';

export interface LoadInput {
  readonly corpus: CorpusPlan;
  readonly loop: ClosedLoop | OpenLoop;
  /** Address of the key that must have signed the receipts; undefined when the answers are none. */
  readonly wallet: string | undefined;
}

export type LoadEvent = { readonly made: number } | 'measuring' | 'measured';

export interface LoadResult extends TallySummary {
  /** Seconds that were measured. */
  readonly seconds: number;
  readonly ranOut: boolean;
  readonly late: number;
  /** p99 of the accepted without the load tool's own delay, milliseconds; only of an open loop. */
  readonly p99FromSending: number | undefined;
  readonly maxInFlight: number;
  readonly receiptsChecked: number;
  readonly receiptsInvalid: number;
}

asChild<LoadEvent>(async ({ corpus: plan, loop, wallet }: LoadInput, parent): Promise<LoadResult> => {
  const corpus = await makeCorpus(plan, (made) => parent.tell({ made }));
  await parent.ready();
  const run =
    loop.kind === 'closed'
      ? {
          ...(await closedLoop(loop, corpus, (moment) => parent.tell(moment))),
          late: 0,
          maxInFlight: loop.connections,
          p99FromSending: undefined,
        }
      : { ...(await openLoop(loop, corpus, (moment) => parent.tell(moment))), ranOut: false };
  const { samples } = run.tally;
  return {
    ...run.tally.summary(),
    seconds: run.seconds,
    ranOut: run.ranOut,
    late: run.late,
    p99FromSending: run.p99FromSending,
    maxInFlight: run.maxInFlight,
    receiptsChecked: wallet === undefined ? 0 : samples.length,
    receiptsInvalid: wallet === undefined ? 0 : await countInvalid(samples, wallet),
  };
});
