import { createMetrics } from '@bundler/runtime';
import { InFlight } from './in-flight.ts';

describe('uploads of one item at the same time', () => {
  it('share the outcome of the first that succeeds', async () => {
    const inFlight = new InFlight<string>(createMetrics());
    const { promise, resolve } = Promise.withResolvers<string>();
    const first = inFlight.run('a', () => promise);
    const second = inFlight.run('a', () => Promise.reject(new Error('must not run')));
    resolve('receipt');
    expect(await first).toEqual({ result: 'receipt', shared: false });
    expect(await second).toEqual({ result: 'receipt', shared: true });
  });

  it('take over when the first fails, one at a time', async () => {
    const inFlight = new InFlight<string>(createMetrics());
    const { promise, reject } = Promise.withResolvers<string>();
    let runs = 0;
    const again = async (): Promise<string> => {
      runs += 1;
      return 'receipt';
    };
    const first = inFlight.run('a', () => promise);
    const others = [inFlight.run('a', again), inFlight.run('a', again)];
    reject(new Error('broken off'));
    await expect(first).rejects.toThrow('broken off');
    expect((await Promise.all(others)).map(({ result }) => result)).toEqual(['receipt', 'receipt']);
    expect(runs).toBe(1);
  });

  it('do not wait for other items, nor for uploads that have ended', async () => {
    const inFlight = new InFlight<number>(createMetrics());
    void inFlight.run('a', () => new Promise(() => undefined));
    expect(await inFlight.run('b', async () => 1)).toEqual({ result: 1, shared: false });
    expect(await inFlight.run('b', async () => 2)).toEqual({ result: 2, shared: false });
  });
});
