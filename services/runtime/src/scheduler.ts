import type { Logger } from './log.ts';

/** Work that the clock starts. */
export interface Schedule {
  readonly name: string;
  /** Milliseconds; what it says is asked for when the clock is started. */
  readonly intervalMs: () => number;
  readonly tick: () => Promise<unknown>;
}

/** Says which process makes a tick: true for one caller in every `intervalMs`. */
export interface Turns {
  claim(name: string, intervalMs: number): Promise<boolean>;
}

/** Runs what the clock starts; of all processes that do, one makes each tick. What a tick leaves undone the next one does. */
export class Scheduler {
  readonly #schedules: readonly Schedule[];
  readonly #turns: Turns;
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #timers = new Map<string, { readonly intervalMs: number; readonly timer: NodeJS.Timeout }>();
  readonly #running = new Map<string, Promise<void>>();

  constructor(schedules: readonly Schedule[], turns: Turns, logger: Pick<Logger, 'warn'>) {
    this.#schedules = schedules;
    this.#turns = turns;
    this.#logger = logger;
  }

  /** Starts the clocks, and those again whose interval has changed since. */
  start(): void {
    for (const schedule of this.#schedules) {
      const intervalMs = schedule.intervalMs();
      const running = this.#timers.get(schedule.name);
      if (running?.intervalMs === intervalMs) continue;
      clearInterval(running?.timer);
      const timer = setInterval(() => this.#begin(schedule), intervalMs);
      this.#timers.set(schedule.name, { intervalMs, timer });
    }
  }

  /** Begins no more, and resolves when what runs has ended. */
  async stop(): Promise<void> {
    for (const { timer } of this.#timers.values()) clearInterval(timer);
    this.#timers.clear();
    await Promise.all(this.#running.values());
  }

  /** One tick, unless the last one of this process still runs. */
  #begin(schedule: Schedule): void {
    const { name } = schedule;
    if (this.#running.has(name)) return;
    this.#running.set(
      name,
      this.#run(schedule).finally(() => this.#running.delete(name)),
    );
  }

  async #run({ intervalMs, name, tick }: Schedule): Promise<void> {
    try {
      // A little less than the interval: the clocks of two processes never tick at the very same moment.
      if (await this.#turns.claim(name, Math.floor(intervalMs() * 0.9))) await tick();
    } catch (error) {
      this.#logger.warn({ err: error, schedule: name }, 'tick failed; the next one comes');
    }
  }
}
