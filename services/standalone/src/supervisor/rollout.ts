import type { Phase } from './diff.ts';

export interface RolloutView {
  readonly replicas: number;
  /** How long it may take, milliseconds, and whether that time is over. */
  readonly deadlineMs: number;
  readonly overdue: boolean;
  /** The processes of the new version, with their crashes in a row. */
  readonly processes: readonly { readonly phase: Phase; readonly crashes: number }[];
}

export type Verdict =
  | { readonly state: 'progressing' }
  | { readonly state: 'done' }
  | { readonly state: 'failed'; readonly reason: string };

/** A process that ends this often in a row before it was ever ready will not become so by waiting. */
const MAX_CRASHES = 4;

/** Whether a new version has arrived, is on its way, or is to be given up. */
export function judge({ replicas, deadlineMs, overdue, processes }: RolloutView): Verdict {
  const ready = processes.filter(({ phase }) => phase === 'ready').length;
  if (ready >= replicas) return { state: 'done' };
  const crashes = Math.max(0, ...processes.map((process) => process.crashes));
  if (crashes >= MAX_CRASHES) return { state: 'failed', reason: `a new process ended ${crashes} times in a row` };
  if (!overdue) return { state: 'progressing' };
  return { state: 'failed', reason: `${ready} of ${replicas} were ready after ${deadlineMs / 1000} s` };
}
