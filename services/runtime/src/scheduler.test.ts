import { createLogger } from './log.ts';
import { Scheduler } from './scheduler.ts';

describe('the schedules', () => {
  it('tick at a new interval as soon as they are told, however long the old one was', async () => {
    let planInterval = 3_600_000;
    const ticked = Promise.withResolvers<number>();
    const turns = {
      claim: async (_name: string, intervalMs: number) => {
        ticked.resolve(intervalMs);
        return false;
      },
    };
    const plan = { name: 'plan', intervalMs: () => planInterval, tick: async () => undefined };
    const scheduler = new Scheduler([plan], turns, createLogger('test', 'silent'));
    scheduler.start();
    planInterval = 20;
    scheduler.start();
    expect(await ticked.promise).toBe(18);
    await scheduler.stop();
  });
});
