import type { Config } from '@bundler/contract';
import { createLogger } from '@bundler/runtime';
import { type ScheduleContext, Scheduler } from './scheduler.ts';

describe('the schedules', () => {
  it('tick at a new interval as soon as they are told, however long the old one was', async () => {
    const hour = 3_600_000;
    const config = { planInterval: hour, verifyInterval: hour, redriveInterval: hour, cleanupInterval: hour };
    const ticked = Promise.withResolvers<number>();
    const context = {
      config: config as Config,
      logger: createLogger('test', 'silent'),
      schedules: {
        claim: async (_queue: string, intervalMs: number) => {
          ticked.resolve(intervalMs);
          return false;
        },
      },
    } as unknown as ScheduleContext;
    const scheduler = new Scheduler(context, ['plan']);
    scheduler.start();
    config.planInterval = 20;
    scheduler.start();
    expect(await ticked.promise).toBe(18);
    await scheduler.stop();
  });
});
