import type { TSchema } from 'typebox';

/** What one queue is: everything that producer, consumer, manifests, alerts and docs need to agree on. */
export interface QueueDefinition<Payload = unknown> {
  /** BullMQ's queue name, and the label in metrics. */
  readonly name: string;
  readonly doc: string;
  /** Queues, by their keys, into which its jobs bring the work that follows. */
  readonly feeds: readonly string[];
  readonly payload: TSchema;
  /** The same work has the same id, so adding it twice is adding it once. */
  readonly jobId: (payload: Payload) => string;
  /** Whether work that is added while the same work runs is done once more afterwards; else what runs now will do. */
  readonly runsAgain?: true;
  /** Tries of one job. What still fails then stays in PostgreSQL, and the re-driver adds it again. */
  readonly attempts: number;
  /** First wait between tries, doubled each time, milliseconds. */
  readonly backoffMs: number;
  /** A job whose worker did not renew its lock for this long is given to another one, milliseconds. */
  readonly lockMs: number;
  /** Jobs that one process runs at the same time, unless a setting says otherwise. */
  readonly concurrency: number;
  /** A schedule adds its jobs, in the workers that serve it: without a running worker there are none. */
  readonly scheduled: boolean;
  /** One process with one job at a time is all that there ever is to do. */
  readonly singleton: boolean;
  /**
   * Most pods unless a spec says otherwise. Each holds connections, of which there are not many: queues whose jobs are short
   * or few need no more than two.
   */
  readonly maxReplicas: number;
  /** Memory that one running job may need, bytes. */
  readonly memoryPerJob: number;
  /** Jobs that may wait before someone should look. */
  readonly maxDepth: number;
}

/** Declares a queue. */
export function defineQueue<Payload>(definition: QueueDefinition<Payload>): QueueDefinition<Payload> {
  return definition;
}

/** The queue's name as Kubernetes allows it: newDataItem becomes new-data-item. */
export function kebabName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The queue's name as the start of an environment variable: newDataItem becomes NEW_DATA_ITEM. */
export function envName(name: string): string {
  return kebabName(name).replaceAll('-', '_').toUpperCase();
}
