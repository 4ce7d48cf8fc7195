import type { Clock } from '../runtime/clock.ts';

/**
 * An abort signal that follows the caller's and also fires when time is up. Written out because `AbortSignal.any`
 * keeps a record on a signal that lives as long as the process for every request that ever followed it.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #parent: AbortSignal | undefined;
  readonly #follow = (): void => this.#controller.abort(this.#parent?.reason);
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, parent?: AbortSignal) {
    this.#clock = clock;
    this.#parent = parent;
    if (parent?.aborted) this.#follow();
    parent?.addEventListener('abort', this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Fires with what `reason` returns, `ms` milliseconds from now; replaces what was set before. */
  set(ms: number, reason: () => Error): void {
    this.#cancel?.();
    this.#cancel = this.#clock.schedule(ms, () => this.#controller.abort(reason()));
  }

  /** Ends it: nothing fires any more. */
  release(): void {
    this.#cancel?.();
    this.#parent?.removeEventListener('abort', this.#follow);
  }
}
