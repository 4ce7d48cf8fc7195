import { createLogger } from '@bundler/runtime';
import { HeightKeeper } from './height.ts';

const { jest } = import.meta;
const never = (): Promise<never> => new Promise(() => undefined);

function keeper(
  height: () => Promise<number>,
  read: () => Promise<{ height: number; observedAt: number } | undefined>,
) {
  return new HeightKeeper({
    network: { height },
    store: { read, write: async () => undefined },
    logger: createLogger('test', 'silent'),
    now: () => 0,
  });
}

describe('the height', () => {
  it('is there after the start when the gateway or the store knows it', async () => {
    const refused = () => Promise.reject(new Error('refused'));
    for (const known of [keeper(async () => 7, refused), keeper(never, async () => ({ height: 7, observedAt: 0 }))]) {
      await known.start();
      expect(known.current()).toBe(7);
      known.stop();
    }
  });

  it('keeps no process from starting while the gateway hangs and nothing is stored', async () => {
    jest.useFakeTimers();
    try {
      const { promise, resolve } = Promise.withResolvers<number>();
      const waiting = keeper(
        () => promise,
        async () => undefined,
      );
      const started = waiting.start();
      await jest.advanceTimersByTimeAsync(5000);
      await started;
      expect(waiting.current()).toBeUndefined();
      resolve(9);
      await jest.advanceTimersByTimeAsync(0);
      expect(waiting.current()).toBe(9);
      waiting.stop();
    } finally {
      jest.useRealTimers();
    }
  });
});
