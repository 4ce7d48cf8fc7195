/**
 * Files that may change are read again and again, and not watched: a kubelet swaps a link two directories above them, and a
 * watch on any of those is lost with what it watched. To read a few hundred bytes a second costs nothing. Milliseconds.
 */
const LOOK_EVERY_MS = 1000;

/** Looks at something every so often, one look after the other. */
export class RepeatedLook {
  readonly #look: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  /** @param look never rejects */
  constructor(look: () => Promise<void>) {
    this.#look = look;
  }

  start(everyMs = LOOK_EVERY_MS): void {
    this.#timer = setTimeout(() => void this.now().then(() => this.#stopped || this.start(everyMs)), everyMs);
  }

  /** Looks now, when the look under way has ended. */
  now(): Promise<void> {
    this.#looking = this.#looking.then(this.#look);
    return this.#looking;
  }

  /** Resolves when the look under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }
}
