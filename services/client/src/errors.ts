import type { ItemStatus } from '@bundler/contract';

/** The service did not do what was asked. */
export class BundlerError extends Error {
  /** HTTP status; 0 when no answer came at all. */
  readonly status: number;
  /** What the service said, or why there was no answer. */
  readonly text: string;
  /** Seconds after which the service says that a retry makes sense. */
  readonly retryAfter: number | undefined;

  constructor(
    doing: string,
    answer: { status: number; text: string; retryAfter?: number | undefined },
    options: { cause?: unknown } = {},
  ) {
    super(`${doing}: ${answer.status === 0 ? 'no answer' : answer.status}: ${answer.text}`, options);
    this.name = 'BundlerError';
    this.status = answer.status;
    this.text = answer.text;
    this.retryAfter = answer.retryAfter;
  }
}

/** The item ended as failed and will never be permanent. */
export class ItemFailedError extends Error {
  /** What the service said last. */
  readonly status: Pick<ItemStatus, 'reason'>;

  constructor(id: string, status: Pick<ItemStatus, 'reason'>) {
    super(`Item ${id} failed: ${status.reason ?? 'no reason given'}`);
    this.name = 'ItemFailedError';
    this.status = status;
  }
}

/** The item did not get there in the time given; it may still do so. */
export class WaitTimeoutError extends Error {
  /** What the service said last; undefined when it does not know the item. */
  readonly status: ItemStatus | undefined;

  constructor(id: string, timeoutMs: number, status: ItemStatus | undefined) {
    super(`Item ${id} is ${status?.info ?? 'unknown to the service'} after ${timeoutMs} ms; wait longer or ask again`);
    this.name = 'WaitTimeoutError';
    this.status = status;
  }
}

/** The service has never heard of the item, for as long as it waits for one that is on its way. */
export class UnknownItemError extends Error {
  constructor(id: string) {
    super(`Item ${id} is unknown to the service; upload it, or follow it from when its upload begins`);
    this.name = 'UnknownItemError';
  }
}
