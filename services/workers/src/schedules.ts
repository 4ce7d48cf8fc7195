import type { Bundles, JobProducer } from '@bundler/adapters';
import type { Config, QueueName } from '@bundler/contract';
import type { Schedule } from '@bundler/runtime';

/** Bundles whose confirmations are read in one tick. */
const VERIFY_LIMIT = 200;

interface ScheduleContext {
  readonly config: Config;
  readonly bundles: Pick<Bundles, 'takeForVerification'>;
  readonly jobs: Pick<JobProducer, 'add'>;
}

/**
 * What the clock starts of the queues that are served. The jobs it adds are added again at the next tick, so a flushed
 * Redis loses none.
 */
export function schedulesFor(
  { bundles, config, jobs }: ScheduleContext,
  served: readonly QueueName[],
): readonly Schedule[] {
  const all: readonly (Schedule & { readonly name: QueueName })[] = [
    { name: 'plan', intervalMs: () => config.planInterval, tick: () => jobs.add('plan', { trigger: 'tick' }) },
    {
      name: 'verify',
      intervalMs: () => config.verifyInterval,
      tick: async () => {
        for (const bundleId of await bundles.takeForVerification(VERIFY_LIMIT)) await jobs.add('verify', { bundleId });
      },
    },
    { name: 'redrive', intervalMs: () => config.redriveInterval, tick: () => jobs.add('redrive', {}) },
    { name: 'cleanup', intervalMs: () => config.cleanupInterval, tick: () => jobs.add('cleanup', {}) },
  ];
  return all.filter(({ name }) => served.includes(name));
}
