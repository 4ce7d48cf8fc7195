import { randomBytes } from 'node:crypto';
import { createDataItem, ed25519Signer, type Signer, signatureTypes } from '@bundler/ans104';
import type { Receipt } from '@bundler/client';
import { PaymentLedger, Platform, until } from '../src/index.ts';

const FREE_LIMIT = 1000;
const FUNDS = 10n ** 12n;
const TIMEOUT_MS = 1500;
const RESET_MS = 3000;
/** What a machine that does other things too may add to an answer. */
const MARGIN_MS = 1200;
/** Below this many failures the breaker stays closed; sent one after another, each waits for the timeout. */
const CALLS_TO_OPEN = 5;
const TEST_MS = 90_000;

interface Timed {
  readonly status: number;
  readonly ms: number;
  readonly receipt: Receipt | undefined;
}

describe('while the payment service is away', () => {
  let platform: Platform;
  let ledger: PaymentLedger;
  let signer: Signer;
  let payer: string;

  beforeAll(async () => {
    platform = await Platform.start({
      payment: true,
      env: {
        FREE_UPLOAD_LIMIT: String(FREE_LIMIT),
        PAYMENT_SERVICE_TIMEOUT: String(TIMEOUT_MS),
        PAYMENT_SERVICE_RESET_TIMEOUT: String(RESET_MS),
      },
    });
    ledger = await PaymentLedger.open(platform.paymentDatabase.url);
  }, 60_000);
  afterAll(async () => {
    await ledger?.close();
    await platform?.stop();
  });
  beforeEach(async () => {
    signer = ed25519Signer(randomBytes(32));
    payer = signatureTypes[2].nativeAddress(signer.owner);
    await ledger.credit(payer, FUNDS);
  });

  async function post(byteCount: number): Promise<Timed> {
    const body = new Uint8Array(await createDataItem({ signer, data: randomBytes(byteCount) }));
    const headers = { 'content-type': 'application/octet-stream' };
    const asked = performance.now();
    const answer = await fetch(`${platform.of('upload')[0]!.url}/v1/tx`, { method: 'POST', headers, body });
    const ms = performance.now() - asked;
    const text = await answer.text();
    return { status: answer.status, ms, receipt: answer.status === 200 ? (JSON.parse(text) as Receipt) : undefined };
  }
  const paid = () => post(5000);
  const free = () => post(100);

  const ways: [how: string, goes: () => Promise<() => Promise<unknown>>, timeout: number][] = [
    [
      'hangs',
      async () => {
        const { pid } = platform.of('payment')[0]!;
        process.kill(pid, 'SIGSTOP');
        return async () => process.kill(pid, 'SIGCONT');
      },
      TIMEOUT_MS,
    ],
    [
      'is killed',
      async () => {
        await platform.of('payment')[0]!.kill9();
        return () => platform.startProcess('payment');
      },
      0,
    ],
  ];
  it.each(ways)(
    'because it %s, what must be paid for is answered with 503 within the timeout and then at once, what is free is taken, and all is well soon after it is back',
    async (_, goAway, timeoutMs) => {
      const before = await paid();
      expect(before.status).toBe(200);
      const comeBack = await goAway();

      const first = await Promise.all(Array.from({ length: CALLS_TO_OPEN }, paid));
      expect(first.map(({ status }) => status)).toEqual(first.map(() => 503));
      for (const { ms } of first) expect(ms).toBeLessThan(timeoutMs + MARGIN_MS);
      // One of them may have been gathered with others into one call.
      await until(async () => (await breaker()) === 1 || (await paid().then(() => false)), 30_000);
      expect((await free()).status).toBe(200);
      const refused = await paid();
      expect(refused.status).toBe(503);
      expect(refused.ms).toBeLessThan(TIMEOUT_MS / 2);

      await comeBack();
      const back = performance.now();
      let after: Timed | undefined;
      await until(
        async () => {
          after = await paid();
          return after.status === 200;
        },
        RESET_MS + TIMEOUT_MS + MARGIN_MS,
      );
      expect(performance.now() - back).toBeLessThan(RESET_MS + TIMEOUT_MS + MARGIN_MS);

      // What was asked for and not waited for has cost nobody anything.
      await ledger.expireReservations();
      const spent = BigInt(before.receipt!.winc) + BigInt(after!.receipt!.winc);
      await until(async () => (await ledger.balance('available', payer)) === FUNDS - spent, 30_000);
      await until(async () => (await ledger.balance('held', payer)) === 0n, 30_000);
      await ledger.requireBalanced();
    },
    TEST_MS,
  );

  async function breaker(): Promise<number> {
    const text = await (await fetch(`${platform.of('upload')[0]!.url}/bundler_metrics`)).text();
    return Number(/^circuit_breaker_state\{service="payment"\} (\d)/m.exec(text)?.[1]);
  }
});
