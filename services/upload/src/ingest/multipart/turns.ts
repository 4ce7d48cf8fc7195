import { ApiError } from '@bundler/contract';

/** How long a task waits for its turn, milliseconds: those that run may have slow clients, and many of them. */
const WAIT_MS = 30_000;

/** Lets so many tasks run at the same time; the others wait for their turn, first come first served. */
export class Turns {
  readonly #limit: () => number;
  readonly #waitMs: number;
  readonly #waiting = new Set<() => void>();
  #running = 0;

  /** @param limit how many may run, read whenever one begins or ends */
  constructor(limit: () => number, waitMs = WAIT_MS) {
    this.#limit = limit;
    this.#waitMs = waitMs;
  }

  /** @throws ApiError `overloaded` when it did not become the task's turn in time; or what the task throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit()) await this.#turn();
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#admit();
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(go);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(go);
        reject(new ApiError('overloaded', { retryAfter: 1 }));
      }, this.#waitMs);
      this.#waiting.add(go);
    });
  }

  /** Those admitted count as running at once: nobody who comes meanwhile may take their place. */
  #admit(): void {
    for (const go of this.#waiting) {
      if (this.#running >= this.#limit()) return;
      this.#running += 1;
      go();
    }
  }
}
