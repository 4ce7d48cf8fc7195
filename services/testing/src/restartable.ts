import { setTimeout as wait } from 'node:timers/promises';

/** A process that runs now. */
export interface RunningProcess {
  readonly pid: number;
  /** Settles when it is gone, whoever ended it. */
  readonly exited: Promise<unknown>;
  kill9(): void;
}

/** Pauses before a start, as the supervisor makes them, milliseconds. */
const FIRST_PAUSE_MS = 200;
const MAX_PAUSE_MS = 5000;

/**
 * A process that is started again at the same address when a test kills it. One that ends by itself stays down and is
 * remembered: in a test of crashes that would otherwise go unseen.
 */
export class Restartable<Running extends RunningProcess> {
  readonly name: string;
  readonly #start: () => Promise<Running>;
  #running: Running;
  #wanted = true;
  #killing = false;
  #down = false;
  #endedByItself = false;
  #reviving: Promise<void> = Promise.resolve();

  private constructor(name: string, start: () => Promise<Running>, running: Running) {
    this.name = name;
    this.#start = start;
    this.#running = running;
    this.#watch();
  }

  static async start<Running extends RunningProcess>(
    name: string,
    start: () => Promise<Running>,
  ): Promise<Restartable<Running>> {
    return new Restartable(name, start, await start());
  }

  /** The process of now; while it is down, the last one. */
  get running(): Running {
    return this.#running;
  }

  /** True from when it was ready until it is gone. */
  get alive(): boolean {
    return !this.#down;
  }

  /** True until somebody kills it, and again when it is back: one that is killed may be there for a moment yet. */
  get unharmed(): boolean {
    return this.alive && !this.#killing;
  }

  get endedByItself(): boolean {
    return this.#endedByItself;
  }

  /**
   * kill -9, then starts it again, after `rest` if that is given; resolves when it is ready, or was ended meanwhile. One
   * that is dying dies once.
   */
  async crash(rest?: Promise<void>): Promise<void> {
    if (!this.unharmed || !this.#wanted) return;
    this.#killing = true;
    this.#running.kill9();
    await this.#running.exited;
    this.#reviving = (rest ?? Promise.resolve()).then(() => this.#revive());
    await this.#reviving;
  }

  /** Ends it for good in the way given. */
  async end<Result>(how: (running: Running) => Promise<Result>): Promise<Result> {
    this.#wanted = false;
    await this.#reviving;
    return how(this.#running);
  }

  async #revive(): Promise<void> {
    for (let pause = FIRST_PAUSE_MS; this.#wanted; pause = Math.min(2 * pause, MAX_PAUSE_MS)) {
      await wait(pause);
      try {
        this.#running = await this.#start();
        this.#killing = false;
        this.#down = false;
        this.#watch();
        return;
      } catch {
        // What it needs is down too; a supervisor would try again as well.
      }
    }
  }

  #watch(): void {
    void this.#running.exited.then(() => {
      this.#down = true;
      this.#endedByItself ||= this.#wanted && !this.#killing;
    });
  }
}
