import { Restartable, type RunningProcess } from './restartable.ts';

/** A process that is gone only a while after it was killed, as on a busy machine. */
function slowToDie(pid: number): RunningProcess & { end(): void } {
  const { promise: exited, resolve } = Promise.withResolvers<void>();
  return { pid, exited, end: resolve, kill9: () => void setTimeout(resolve, 20) };
}

describe('a process that is started again when it is killed', () => {
  it('is started once when it is killed twice while it dies', async () => {
    let starts = 0;
    const kept = await Restartable.start('x', async () => slowToDie((starts += 1)));
    const crashing = Promise.all([kept.crash(), kept.crash()]);
    expect([kept.alive, kept.unharmed]).toEqual([true, false]);
    await crashing;
    expect(kept.unharmed).toBe(true);
    expect([starts, kept.alive, kept.running.pid, kept.endedByItself]).toEqual([2, true, 2, false]);
  });

  it('is remembered and stays down when it ends by itself', async () => {
    const kept = await Restartable.start('x', async () => slowToDie(1));
    kept.running.end();
    await kept.running.exited;
    await kept.crash();
    expect([kept.alive, kept.endedByItself]).toEqual([false, true]);
  });
});
