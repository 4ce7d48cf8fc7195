import type { Bundles, JobProducer, Schedules } from '@bundler/adapters';
import type { Config, QueueName } from '@bundler/contract';
import type { Logger } from '@bundler/runtime';

/** Bundles whose confirmations are read in one tick. */
const VERIFY_LIMIT = 200;

export interface ScheduleContext {
  readonly config: Config;
  readonly bundles: Pick<Bundles, 'takeForVerification'>;
  readonly jobs: Pick<JobProducer, 'add'>;
  readonly schedules: Pick<Schedules, 'claim'>;
  readonly logger: Logger;
}

interface Schedule {
  readonly queue: QueueName;
  readonly intervalMs: () => number;
  readonly tick: () => Promise<unknown>;
}

/** What is started by the clock. The jobs it adds are added again at the next tick, so a flushed Redis loses none. */
export function schedulesFor(context: ScheduleContext): readonly Schedule[] {
  const { bundles, config, jobs } = context;
  return [
    { queue: 'plan', intervalMs: () => config.planInterval, tick: () => jobs.add('plan', { trigger: 'tick' }) },
    {
      queue: 'verify',
      intervalMs: () => config.verifyInterval,
      tick: async () => {
        for (const bundleId of await bundles.takeForVerification(VERIFY_LIMIT)) await jobs.add('verify', { bundleId });
      },
    },
    { queue: 'redrive', intervalMs: () => config.redriveInterval, tick: () => jobs.add('redrive', {}) },
    { queue: 'cleanup', intervalMs: () => config.cleanupInterval, tick: () => jobs.add('cleanup', {}) },
  ];
}

/** Runs the ticks of the given queues; of all processes that do, one makes each tick. */
export class Scheduler {
  readonly #context: ScheduleContext;
  readonly #schedules: readonly Schedule[];
  readonly #timers = new Map<QueueName, { readonly intervalMs: number; readonly timer: NodeJS.Timeout }>();
  readonly #running = new Map<QueueName, Promise<void>>();

  constructor(context: ScheduleContext, queues: readonly QueueName[]) {
    this.#context = context;
    this.#schedules = schedulesFor(context).filter(({ queue }) => queues.includes(queue));
  }

  /** Starts the clocks, and those again whose interval has changed since. */
  start(): void {
    for (const schedule of this.#schedules) {
      const intervalMs = schedule.intervalMs();
      const running = this.#timers.get(schedule.queue);
      if (running?.intervalMs === intervalMs) continue;
      clearInterval(running?.timer);
      const timer = setInterval(() => this.tick(schedule), intervalMs);
      this.#timers.set(schedule.queue, { intervalMs, timer });
    }
  }

  /** One tick, unless the last one of this process still runs. */
  tick(schedule: Schedule): void {
    const { queue } = schedule;
    if (this.#running.has(queue)) return;
    this.#running.set(
      queue,
      this.#run(schedule).finally(() => this.#running.delete(queue)),
    );
  }

  async stop(): Promise<void> {
    for (const { timer } of this.#timers.values()) clearInterval(timer);
    this.#timers.clear();
    await Promise.all(this.#running.values());
  }

  async #run({ intervalMs, queue, tick }: Schedule): Promise<void> {
    try {
      // A little less than the interval: the clocks of two processes never tick at the very same moment.
      if (await this.#context.schedules.claim(queue, Math.floor(intervalMs() * 0.9))) await tick();
    } catch (error) {
      this.#context.logger.warn({ err: error, schedule: queue }, 'tick failed; the next one comes');
    }
  }
}
