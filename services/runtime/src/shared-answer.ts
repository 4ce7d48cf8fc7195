/**
 * One question for all who ask: while it is on its way everybody waits for the same answer, and for `ttlMs` after it has
 * come everybody gets that one.
 */
export class SharedAnswer<Answer> {
  readonly #ask: () => Promise<Answer>;
  readonly #ttlMs: number;
  readonly #now: () => number;
  #answer: Promise<Answer> | undefined;
  #until = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds, monotonic */
  constructor(ask: () => Promise<Answer>, ttlMs: number, now: () => number) {
    this.#ask = ask;
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  get(): Promise<Answer> {
    if (this.#answer && this.#now() < this.#until) return this.#answer;
    const asked = this.#ask();
    this.#answer = asked;
    this.#until = Number.POSITIVE_INFINITY;
    const settled = (ttlMs: number) => (): void => {
      this.#until = this.#now() + ttlMs;
    };
    // A failure is nobody's answer but of those who waited for it.
    asked.then(settled(this.#ttlMs), settled(0));
    return asked;
  }
}
