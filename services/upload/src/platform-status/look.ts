import type { PipelineView, QueueOverview } from '@bundler/adapters';
import type { PartState } from '@bundler/contract';
import { type Logger, withTimeout } from '@bundler/runtime';

/** How the parts of the platform are asked; each rejects when it cannot say. */
export interface Sources {
  readonly database: () => Promise<unknown>;
  readonly objectStore: () => Promise<unknown>;
  readonly cache: () => Promise<unknown>;
  readonly gateway: () => Promise<unknown>;
  /** Undefined where there is no payment service. */
  readonly payment: (() => Promise<unknown>) | undefined;
  readonly queues: () => Promise<readonly QueueOverview[]>;
  readonly pipeline: () => Promise<PipelineView>;
}

/** What they said; undefined for what nobody could say. */
export interface Findings {
  readonly parts: Readonly<Record<'database' | 'objectStore' | 'cache' | 'gateway' | 'payment', PartState>>;
  readonly queues: readonly QueueOverview[] | undefined;
  readonly pipeline: PipelineView | undefined;
}

/** A part that takes longer than this counts as down, milliseconds. */
const PATIENCE_MS = 2500;

/** Asks every part at once, and takes as long as the slowest of them is given. What went wrong stays in the log. */
export async function lookAt(sources: Sources, logger: Logger): Promise<Findings> {
  const ask = async <Answer>(part: string, question: () => Promise<Answer>): Promise<Answer | undefined> => {
    try {
      return await withTimeout(question(), PATIENCE_MS, `no answer within ${PATIENCE_MS} ms`);
    } catch (error) {
      logger.debug({ err: error, part }, 'part of the platform does not answer');
      return undefined;
    }
  };
  const state = async (part: string, question: (() => Promise<unknown>) | undefined): Promise<PartState> => {
    if (!question) return 'off';
    return (await ask(part, async () => ({ answer: await question() }))) ? 'up' : 'down';
  };
  const [database, objectStore, cache, gateway, payment, queues, pipeline] = await Promise.all([
    state('database', sources.database),
    state('object store', sources.objectStore),
    state('cache', sources.cache),
    state('gateway', sources.gateway),
    state('payment', sources.payment),
    ask('queues', sources.queues),
    ask('pipeline', sources.pipeline),
  ]);
  return { parts: { database, objectStore, cache, gateway, payment }, queues, pipeline };
}
