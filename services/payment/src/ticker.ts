import type { Schedules } from '@bundler/adapters';
import type { Logger } from '@bundler/runtime';

/** Work that the clock starts. */
export interface Tick {
  readonly name: string;
  readonly intervalMs: number;
  readonly tick: () => Promise<unknown>;
}

/** Runs what the clock starts; of all processes that do, one makes each tick. What a tick leaves undone the next one does. */
export class Ticker {
  readonly #ticks: readonly Tick[];
  readonly #schedules: Pick<Schedules, 'claim'>;
  readonly #logger: Logger;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #running = new Map<string, Promise<void>>();

  constructor(ticks: readonly Tick[], schedules: Pick<Schedules, 'claim'>, logger: Logger) {
    this.#ticks = ticks;
    this.#schedules = schedules;
    this.#logger = logger;
  }

  start(): void {
    for (const tick of this.#ticks) this.#timers.push(setInterval(() => this.#begin(tick), tick.intervalMs));
  }

  /** Begins no more, and resolves when what runs has ended. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all(this.#running.values());
  }

  #begin(tick: Tick): void {
    if (this.#running.has(tick.name)) return;
    const running = this.#run(tick).finally(() => this.#running.delete(tick.name));
    this.#running.set(tick.name, running);
  }

  async #run({ intervalMs, name, tick }: Tick): Promise<void> {
    try {
      // A little less than the interval: the clocks of two processes never tick at the very same moment.
      if (await this.#schedules.claim(name, Math.floor(intervalMs * 0.9))) await tick();
    } catch (error) {
      this.#logger.warn({ err: error, schedule: name }, 'tick failed; the next one comes');
    }
  }
}
