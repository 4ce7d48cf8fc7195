import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { X402Outcome } from '@bundler/contract';
import { alerts } from '@bundler/dashboards';
import { Reservations, readMoneyFigures, X402, X402Payments } from '@bundler/payment';
import { createLogger, createMetrics } from '@bundler/runtime';
import { PaymentDesk } from '../src/payment-desk.ts';
import type { PaymentLedger } from '../src/payment-ledger.ts';
import { PaymentProcess } from '../src/payment-process.ts';
import { TestPayer } from '../src/x402/transfer.ts';

const run = promisify(execFile);
const { runbook } = alerts.find(({ name }) => name === 'BundlerX402Unclear')!;
const settlePath = /`POST \/payment(\S+\/settle)`/.exec(runbook.mitigation.join('\n'))![1]!;
const PRICE = 700n;
const WORTH = 1000n;
/** Longer than a signature is good for, and chains' clocks differ, milliseconds. */
const MUCH_LATER_MS = 3_600_000;
const REQUIRED = {
  scheme: 'exact',
  network: 'base',
  maxAmountRequired: '5000',
  payTo: '0x1111111111111111111111111111111111111111',
  maxTimeoutSeconds: 300,
  asset: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
  extra: { name: 'USD Coin', version: '2' },
} as const;

const newTransaction = (): string => `0x${randomBytes(32).toString('hex')}`;

/** What the runbook says to tell the admin service, with what it leaves open filled in. */
function bodyOf(outcome: string, transaction = ''): object {
  const said = runbook.mitigation.flatMap((step) => /`(\{[^`]*\})`/.exec(step)?.[1] ?? []);
  const body = said.find((json) => json.includes(`"${outcome}"`));
  if (body === undefined) throw new Error(`the runbook does not say how to end one as ${outcome}`);
  return JSON.parse(body.replace('TRANSACTION', transaction)) as object;
}

describe('a payment by x402 of which nobody knows whether it was carried out', () => {
  let payment: PaymentProcess;
  let desk: PaymentDesk;
  let ledger: PaymentLedger;
  let now: number;
  let x402: X402;
  const metrics = createMetrics();

  beforeAll(async () => {
    payment = await PaymentProcess.start();
    desk = await PaymentDesk.open(payment);
    ledger = payment.ledger;
    const db = ledger.database.writer;
    const notHere = (): never => {
      throw new Error('not asked here');
    };
    x402 = new X402({
      payTo: REQUIRED.payTo,
      networks: ['base'],
      facilitator: {
        verify: notHere,
        settle: () => Promise.reject(new Error('its answer is lost')),
      },
      payments: new X402Payments(db, 0),
      reservations: new Reservations(db, () => 60_000, Date.now),
      prices: { ofBytes: notHere, worthOf: notHere },
      adjustments: { of: notHere },
      logger: createLogger('test', 'fatal'),
      metrics,
      now: () => now,
    });
  }, 60_000);
  afterAll(async () => {
    await desk?.close();
    await payment?.stop();
  });
  afterEach(() => ledger.requireBalanced());

  const waiting = async (): Promise<number> => (await readMoneyFigures(ledger.database.writer)).unclearX402;
  /** Where the runbook says to tell of it. */
  const settle = (id: string, body: object) => desk.ask('POST', settlePath.replace('ID', id), body);
  const actsOn = async (id: string) => (await desk.acts()).filter(({ subject }) => subject === id);

  /** Pays, and lets the time of the signature run out. */
  async function unclear() {
    now = Date.now();
    const before = await waiting();
    const payer = new TestPayer();
    const signed = await payer.pay(REQUIRED);
    const dataItemId = randomBytes(32).toString('base64url');
    const deal = { price: String(PRICE), worth: String(WORTH) };
    const pay = (): Promise<X402Outcome> => x402.pay({ payment: signed, dataItemId, byteCount: 5000, deal });
    expect(await pay()).toEqual({ outcome: 'unavailable' });
    expect(await waiting()).toBe(before);
    now += MUCH_LATER_MS;
    await x402.resume(10);
    const shown = await listed();
    return { id: idIn(shown), pay, payer, nonce: signed.payload.authorization.nonce, shown };
  }

  /** What the first command of the runbook shows, run as it stands but for the pod. */
  async function listed(): Promise<string> {
    const script = /node -e '(.*)'$/.exec(runbook.look[0]!.run)![1]!;
    const env = { ...process.env, PAYMENT_DB_URL: payment.database.url };
    return (await run(process.execPath, ['-e', script], { env, cwd: import.meta.dirname })).stdout;
  }

  /** Of the last one: those before it may wait still. */
  const idIn = (shown: string): string => [...shown.matchAll(/^│ \d+ +│ '?(\d+)'? /gm)].at(-1)![1]!;

  it('is counted until somebody has found out that it was not, and refused for good', async () => {
    const { id, nonce, pay, payer, shown } = await unclear();
    expect(await waiting()).toBe(1);
    expect(await metrics.registry.metrics()).toContain('payment_x402_payments_total{outcome="unclear"} 1');
    expect([nonce, payer.address, REQUIRED.asset, String(WORTH)].filter((part) => !shown.includes(part))).toEqual([]);
    expect(await pay()).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('is not known') });
    const about = { network: 'base', asset: REQUIRED.asset, payer: payer.address, nonce, quantity: '5000' };
    expect(await desk.ask('GET', '/x402-payments')).toMatchObject({
      status: 200,
      body: { payments: [{ id, ...about, beneficiary: payer.address, winc: String(WORTH) }] },
    });
    const refused = { id, state: 'refused', transactionId: null, beneficiary: payer.address, winc: '0' };
    for (const _ of ['first', 'again'])
      expect(await settle(id, bodyOf('not-carried-out'))).toEqual({ status: 200, body: refused });
    expect([await waiting(), await ledger.balance('available', payer.address)]).toEqual([0, 0n]);
    expect(await desk.ask('GET', '/x402-payments')).toEqual({ status: 200, body: { payments: [] } });
    expect(await pay()).toMatchObject({ outcome: 'refused', reason: expect.stringContaining('nothing was paid') });
    expect(await settle(id, bodyOf('carried-out', newTransaction()))).toEqual({
      status: 409,
      body: expect.stringContaining('has ended as not carried out'),
    });
    expect(await ledger.balance('available', payer.address)).toBe(0n);
    const act = { admin: 'alice', action: 'x402-settle', subject: id };
    expect(await actsOn(id)).toMatchObject([
      { ...act, details: { carriedOut: false, verdict: 'new', winc: String(WORTH) } },
      { ...act, details: { carriedOut: false, verdict: 'known' } },
      { ...act, details: { carriedOut: true, verdict: 'contradiction' } },
    ]);
    expect((await desk.acts()).filter(({ action }) => action === 'x402-unclear')).toHaveLength(2);
  }, 60_000);

  it('is credited once when it was carried out, whoever tells of it, and the same upload is then taken', async () => {
    const { id, pay, payer } = await unclear();
    const transaction = newTransaction();
    const answers = await Promise.all(
      [transaction, transaction.toUpperCase().replace('0X', '0x'), transaction].map((written) =>
        settle(id, bodyOf('carried-out', written)),
      ),
    );
    const credited = { id, state: 'credited', transactionId: transaction, beneficiary: payer.address };
    expect(answers).toEqual(answers.map(() => ({ status: 200, body: { ...credited, winc: String(WORTH) } })));
    expect([await waiting(), await ledger.balance('available', payer.address)]).toEqual([0, WORTH]);
    expect(await desk.ask('GET', `/accounts/${payer.address}`)).toMatchObject({
      body: { transfers: [{ reason: 'top-up', reference: id, from: 'issued:x402', winc: String(WORTH) }] },
    });
    for (const wrong of [bodyOf('not-carried-out'), bodyOf('carried-out', newTransaction())])
      expect(await settle(id, wrong)).toEqual({ status: 409, body: expect.stringContaining(transaction) });
    expect(await pay()).toMatchObject({
      outcome: 'paid',
      winc: String(PRICE),
      settled: { transactionHash: transaction },
    });
    expect(await ledger.balance('available', payer.address)).toBe(WORTH - PRICE);
    const verdicts = (await actsOn(id)).map(({ details }) => (details as { verdict: string }).verdict);
    expect(verdicts.toSorted()).toEqual(['contradiction', 'contradiction', 'known', 'known', 'new']);
  }, 60_000);

  it('is not credited for a transaction that another one was credited for, also when both are told of at once', async () => {
    const [one, other] = [await unclear(), await unclear()];
    const transaction = newTransaction();
    const body = bodyOf('carried-out', transaction);
    const answers = await Promise.all([settle(one.id, body), settle(other.id, body)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const given = [one, other].map(({ payer }) => ledger.balance('available', payer.address));
    expect((await Promise.all(given)).toSorted()).toEqual([0n, WORTH]);
    const left = answers[0]!.status === 409 ? one : other;
    expect(await waiting()).toBe(1);
    expect((await settle(left.id, bodyOf('carried-out', newTransaction()))).status).toBe(200);
    expect(await waiting()).toBe(0);
  }, 60_000);

  it('is credited in the history of its payer, who had told of the transaction as of a plain one', async () => {
    const { id, payer } = await unclear();
    const transaction = newTransaction();
    const topUps = ledger.database.writer;
    await topUps.raw(
      `insert into top_ups (token, transaction_id, state, failed_reason) values ('base-usdc', ?, 'failed', 'wrong_recipient')`,
      [transaction],
    );
    expect((await settle(id, bodyOf('carried-out', transaction))).status).toBe(200);
    const { rows } = await topUps.raw(
      'select state, destination, failed_reason from top_ups where transaction_id = ?',
      [transaction],
    );
    expect(rows).toEqual([{ state: 'credited', destination: payer.address, failed_reason: null }]);
  }, 60_000);

  it('is no other: unknown ones are a 404, and what says half of it a 400', async () => {
    expect((await settle('987654321', bodyOf('not-carried-out'))).status).toBe(404);
    for (const body of [
      { outcome: 'carried-out' },
      { outcome: 'not-carried-out', transactionId: newTransaction() },
      { outcome: 'carried-out', transactionId: '0x12' },
      { outcome: 'perhaps' },
    ])
      expect((await settle('987654321', body)).status).toBe(400);
    expect((await actsOn('987654321')).map(({ details }) => details)).toEqual([
      { carriedOut: false, verdict: 'unknown payment' },
    ]);
  });
});
