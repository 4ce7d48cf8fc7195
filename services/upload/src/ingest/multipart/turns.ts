/** Lets so many tasks run at the same time; the others wait for their turn, first come first served. */
export class Turns {
  readonly #limit: () => number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** @param limit how many may run, read whenever one begins or ends */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit()) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#admit();
    }
  }

  /** Those admitted count as running at once: nobody who comes meanwhile may take their place. */
  #admit(): void {
    while (this.#waiting.length > 0 && this.#running < this.#limit()) {
      this.#running += 1;
      this.#waiting.shift()!();
    }
  }
}
