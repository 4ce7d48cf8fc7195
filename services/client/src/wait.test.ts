import type { ItemStatus } from '@bundler/contract';
import { type WaitOptions, waitUntilPermanent } from './wait.ts';

function status(info: ItemStatus['info'], more: Partial<ItemStatus> = {}): ItemStatus {
  return {
    status: info === 'permanent' ? 'FINALIZED' : info === 'failed' ? 'FAILED' : 'CONFIRMED',
    info,
    rawContentLength: 1100,
    payloadContentType: null,
    payloadDataStart: 1044,
    payloadContentLength: 56,
    winc: '0',
    ...more,
  };
}

/** Waits on answers given one by one, with a clock that moves only when the waiting sleeps. */
function follow(answers: (ItemStatus | undefined)[], options: WaitOptions = {}) {
  let time = 0;
  let asked = 0;
  const result = waitUntilPermanent(
    'an-id',
    async () => answers[Math.min(asked++, answers.length - 1)],
    {
      now: () => time,
      sleep: async (ms, signal) => {
        signal?.throwIfAborted();
        time += ms;
      },
    },
    options,
  );
  return { result, asked: () => asked, time: () => time };
}

describe('waitUntilPermanent', () => {
  it('resolves to the first permanent status and reports each change once', async () => {
    const seen: string[] = [];
    const steps = [status('new'), status('new'), status('pending'), status('pending'), status('permanent')];
    const run = follow(steps, { intervalMs: 250, onProgress: ({ info }) => seen.push(info) });
    expect((await run.result).info).toBe('permanent');
    expect(seen).toEqual(['new', 'pending', 'permanent']);
    expect(run.time()).toBe(4 * 250);
  });

  it('reports a change of anything, such as the bundle', async () => {
    const seen: (string | undefined)[] = [];
    const steps = [status('pending', { bundleId: 'one' }), status('pending', { bundleId: 'two' }), status('permanent')];
    await follow(steps, { onProgress: ({ bundleId }) => seen.push(bundleId) }).result;
    expect(seen).toEqual(['one', 'two', undefined]);
  });

  it('fails with the reason when the item failed', async () => {
    const { result } = follow([status('new'), status('failed', { reason: 'too_many_failures' })]);
    await expect(result).rejects.toMatchObject({
      name: 'ItemFailedError',
      message: 'Item an-id failed: too_many_failures',
      status: { info: 'failed' },
    });
  });

  it('stops at the time limit and says how far the item got', async () => {
    const run = follow([status('pending')], { intervalMs: 100, timeoutMs: 1000 });
    await expect(run.result).rejects.toThrow('Item an-id is pending after 1000 ms');
    expect(run.asked()).toBe(11);
  });

  it('keeps asking about an item that the service does not know, and says so in the end', async () => {
    const { result } = follow([undefined], { timeoutMs: 5000 });
    await expect(result).rejects.toThrow('unknown to the service');
  });

  it('stops with the reason of the signal', async () => {
    const controller = new AbortController();
    const stop = () => controller.abort(new Error('enough'));
    const { result } = follow([status('new')], { signal: controller.signal, onProgress: stop });
    await expect(result).rejects.toThrow('enough');
  });
});
