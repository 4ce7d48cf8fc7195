import type { QueueInspector, RedisProbe } from '@bundler/adapters';
import { collectTogether, type Metrics } from '@bundler/runtime';

/** A scrape within this time of another one is given the same figures, milliseconds. */
const MAX_AGE_MS = 10_000;

/** Looks into the queues when somebody scrapes; with a Redis that is down, nobody knows. */
export function exportQueues(inspector: Pick<QueueInspector, 'overview'>, metrics: Metrics, now: () => number): void {
  const { queueDepth, queueJobs, queueOldestJob } = metrics;
  collectTogether([queueDepth, queueJobs, queueOldestJob], {
    maxAgeMs: MAX_AGE_MS,
    read: async () => {
      for (const { queue, waiting, active, delayed, failed, oldestAt } of await inspector.overview()) {
        queueDepth.set({ queue }, waiting);
        for (const [state, count] of Object.entries({ waiting, active, delayed, failed })) {
          queueJobs.set({ queue, state }, count);
        }
        // The clock of whoever added the job may be a little ahead of ours.
        queueOldestJob.set({ queue }, oldestAt === undefined ? 0 : Math.max(0, now() - oldestAt) / 1000);
      }
    },
  });
}

/** Asks the Redis servers, by what they are for, how they are when somebody scrapes. */
export function exportRedis(servers: Readonly<Record<string, Pick<RedisProbe, 'state'>>>, metrics: Metrics): void {
  const { redisUp, redisMemoryUsed, redisMemoryMax, redisEvictedKeys } = metrics;
  collectTogether([redisUp, redisMemoryUsed, redisMemoryMax, redisEvictedKeys], {
    maxAgeMs: MAX_AGE_MS,
    read: async () => {
      const read = Object.entries(servers).map(async ([role, probe]) => {
        const state = await probe.state().catch(() => undefined);
        redisUp.set({ role }, state ? 1 : 0);
        for (const metric of [redisMemoryUsed, redisMemoryMax, redisEvictedKeys]) metric.remove({ role });
        if (!state) return;
        redisMemoryUsed.set({ role }, state.memoryUsedBytes);
        redisMemoryMax.set({ role }, state.memoryMaxBytes);
        // The server's own count: after the removal, this is its value.
        redisEvictedKeys.inc({ role }, state.evictedKeys);
      });
      await Promise.all(read);
    },
  });
}
