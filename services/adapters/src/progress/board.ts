import type { Logger } from '@bundler/runtime';
import type { Redis } from 'ioredis';
import { connectImpatient } from '../redis.ts';

/** What one process tells the others of an upload that it receives. */
export interface UploadReport {
  readonly stage: 'receiving' | 'stored';
  readonly receivedByteCount: number;
  /** Absent when the client has not said how long the item is. */
  readonly totalByteCount?: number | undefined;
}

/**
 * How long a report stands without a newer one, milliseconds: so long an upload may pause and is still shown, and so
 * long the last report of a process that was killed is believed.
 */
const TTL_MS = 30_000;

/**
 * Where the API processes tell each other how far the uploads are that they receive. Keys and not messages, so that
 * one who begins to follow late sees the last report at once. Nothing depends on it: every failure means that nobody
 * has said anything.
 */
export class ProgressBoard {
  readonly #redis: Redis;

  constructor(url: string, logger: Logger) {
    this.#redis = connectImpatient(url, logger);
  }

  /** Writes without waiting; reports of one process arrive in their order. */
  write(id: string, report: UploadReport): void {
    void this.#redis.set(keyOf(id), JSON.stringify(report), 'PX', TTL_MS).catch(() => undefined);
  }

  remove(id: string): void {
    void this.#redis.del(keyOf(id)).catch(() => undefined);
  }

  /** The reports there are, by id. @throws when Redis cannot say */
  async read(ids: readonly string[]): Promise<Map<string, UploadReport>> {
    const found = await this.#redis.mget(ids.map(keyOf));
    return new Map(ids.flatMap((id, index) => (found[index] ? [[id, JSON.parse(found[index]) as UploadReport]] : [])));
  }

  async close(): Promise<void> {
    this.#redis.disconnect();
  }
}

const keyOf = (id: string): string => `upload-progress:${id}`;
