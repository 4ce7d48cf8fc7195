import type { ItemStatus } from '@bundler/contract';
import { ItemFailedError, WaitTimeoutError } from './errors.ts';
import type { Transport } from './http.ts';

export interface WaitOptions {
  /** Pause between two questions, milliseconds. */
  readonly intervalMs?: number;
  /** When to stop waiting, milliseconds. */
  readonly timeoutMs?: number;
  /** Called with the first status, and with each that differs from the one before. */
  readonly onProgress?: (status: ItemStatus) => void;
  readonly signal?: AbortSignal;
}

/**
 * Asks for an item's status until it is permanent.
 * @throws ItemFailedError, WaitTimeoutError, the signal's reason, or whatever `ask` throws
 */
export async function waitUntilPermanent(
  id: string,
  ask: (signal: AbortSignal | undefined) => Promise<ItemStatus | undefined>,
  { now, sleep }: Pick<Transport, 'now' | 'sleep'>,
  { intervalMs = 1000, timeoutMs = 3_600_000, onProgress, signal }: WaitOptions,
): Promise<ItemStatus> {
  const deadline = now() + timeoutMs;
  let seen: string | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const status = await ask(signal);
    const print = JSON.stringify(status);
    if (status && print !== seen) onProgress?.(status);
    seen = print;
    if (status?.info === 'permanent') return status;
    if (status?.info === 'failed') throw new ItemFailedError(id, status);
    if (now() + intervalMs > deadline) throw new WaitTimeoutError(id, timeoutMs, status);
    await sleep(intervalMs, signal);
  }
}
