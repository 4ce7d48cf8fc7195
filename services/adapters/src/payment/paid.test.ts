import type { SpanOptions, TraceParent, Tracing } from '@bundler/runtime';
import { PaidUploads } from './paid.ts';
import type { Charge, Payment } from './port.ts';

const { jest } = import.meta;

const payer = { token: 'arweave', nativeAddress: 'somebody' } as Charge['payer'];
const chargeOf = (name: string): Charge => ({ itemId: Buffer.from(name), payer, byteCount: 2000 }) as Charge;
const nothingIsFree = { canAfford: async () => false, reserve: async () => undefined } as unknown as Payment;
const breaker = { isClosed: true, run: <Result>(call: () => Promise<Result>) => call() };

/** A payment service whose calls are answered when the test says so. */
class Calls {
  readonly items: string[][] = [];
  readonly #answers: PromiseWithResolvers<(string | null)[]>[] = [];

  readonly client = {
    canAfford: async () => true,
    reserve: (charges: readonly { dataItemId: string }[]): Promise<(string | null)[]> => {
      this.items.push(charges.map(({ dataItemId }) => Buffer.from(dataItemId, 'base64url').toString()));
      const answer = Promise.withResolvers<(string | null)[]>();
      this.#answers.push(answer);
      return answer.promise;
    },
  };

  answer(call: number, wincs: (string | null)[]): void {
    this.#answers[call]!.resolve(wincs);
  }

  fail(call: number, error: Error): void {
    this.#answers[call]!.reject(error);
  }
}

/** What awaits, then what follows it. */
const turn = async (): Promise<void> => {
  for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('uploads that are paid for', () => {
  let calls: Calls;
  let paid: PaidUploads;
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    calls = new Calls();
    paid = new PaidUploads(nothingIsFree, calls.client as never, breaker);
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('ask once for all that came together, and for all that came meanwhile', async () => {
    const [a, b] = [paid.reserve(chargeOf('a')), paid.reserve(chargeOf('b'))];
    await turn();
    const [c, d] = [paid.reserve(chargeOf('c')), paid.reserve(chargeOf('d'))];
    await turn();
    expect(calls.items).toEqual([['a', 'b']]);
    calls.answer(0, ['7', null]);
    expect([await a, await b]).toEqual([{ winc: '7' }, undefined]);
    await turn();
    expect(calls.items).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    calls.answer(1, ['8', '9']);
    expect([await c, await d]).toEqual([{ winc: '8' }, { winc: '9' }]);
  });

  it('do not wait for a call that hangs', async () => {
    void paid.reserve(chargeOf('a')).catch(() => undefined);
    await turn();
    const second = paid.reserve(chargeOf('b'));
    await turn();
    jest.advanceTimersByTime(100);
    await turn();
    expect(calls.items).toEqual([['a'], ['b']]);
    calls.answer(1, ['7']);
    expect(await second).toEqual({ winc: '7' });
  });

  it('wait for others as long as nobody gains from their being reserved', async () => {
    let waitMs = 40;
    const patient = new PaidUploads(nothingIsFree, calls.client as never, breaker, { reserveWaitMs: () => waitMs });
    const a = patient.reserve(chargeOf('a'));
    await turn();
    jest.advanceTimersByTime(39);
    waitMs = 30;
    void patient.reserve(chargeOf('b'));
    await turn();
    expect(calls.items).toEqual([]);
    jest.advanceTimersByTime(1);
    await turn();
    expect(calls.items).toEqual([['a', 'b']]);
    // What comes while a call is on its way waits for its own time too.
    void patient.reserve(chargeOf('c'));
    calls.answer(0, ['7', '7']);
    expect(await a).toEqual({ winc: '7' });
    await turn();
    expect(calls.items).toHaveLength(1);
    jest.advanceTimersByTime(30);
    await turn();
    expect(calls.items).toEqual([['a', 'b'], ['c']]);
  });

  it('wait for others no longer than a call that hangs would hold them up', async () => {
    const patient = new PaidUploads(nothingIsFree, calls.client as never, breaker, { reserveWaitMs: () => 5000 });
    void patient.reserve(chargeOf('a'));
    await turn();
    jest.advanceTimersByTime(100);
    await turn();
    expect(calls.items).toEqual([['a']]);
  });

  it('gather nothing while the breaker is open', async () => {
    const open = new PaidUploads(nothingIsFree, calls.client as never, { ...breaker, isClosed: false });
    void open.reserve(chargeOf('a'));
    await turn();
    void open.reserve(chargeOf('b'));
    await turn();
    expect(calls.items).toEqual([['a'], ['b']]);
  });

  it('ask in the trace of the first that is sampled, with links to those of the others', async () => {
    const made: [string, SpanOptions][] = [];
    let current: TraceParent | undefined;
    const tracing: Pick<Tracing, 'span' | 'outside' | 'traceParent'> = {
      traceParent: () => current,
      outside: (work) => work(),
      span: (name, options, work) => {
        made.push([name, options]);
        return work();
      },
    };
    const traced = new PaidUploads(nothingIsFree, calls.client as never, breaker, { tracing: tracing as Tracing });
    const reserve = async (trace?: TraceParent) => {
      current = trace;
      const reserved = traced.reserve(chargeOf('a'));
      await turn();
      return [reserved];
    };
    const first = await reserve();
    const others = [await reserve(), await reserve('upload 1'), await reserve('upload 2')].flat();
    // The end of the first call sends the second: whose trace is current then says nothing.
    calls.answer(0, ['7']);
    await Promise.all(first);
    await turn();
    calls.answer(1, ['7', '7', '7']);
    await Promise.all(others);
    expect(made).toEqual([
      ['reserve', { parent: 'upload 1', links: ['upload 2'], attributes: { 'payment.items': 3 } }],
    ]);
  });

  it('go on after a call that failed', async () => {
    const first = expect(paid.reserve(chargeOf('a'))).rejects.toMatchObject({ code: 'payment_unavailable' });
    await turn();
    const second = paid.reserve(chargeOf('b'));
    await turn();
    calls.fail(0, new Error('gone'));
    await first;
    await turn();
    calls.answer(1, ['7']);
    expect(await second).toEqual({ winc: '7' });
  });
});
