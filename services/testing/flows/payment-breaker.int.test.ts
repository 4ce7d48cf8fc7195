import { randomBytes } from 'node:crypto';
import { type Charge, openPayment, type Payment } from '@bundler/adapters';
import { createDataItem, ed25519Signer, type Signer, signatureTypes } from '@bundler/ans104';
import { type Config, settings } from '@bundler/contract';
import { createLogger, createMetrics, type Metrics } from '@bundler/runtime';
import { Platform, until } from '../src/index.ts';
import { Scraped } from '../src/metrics/scraped.ts';
import { PaymentStandIn } from '../src/payment-stand-in.ts';

const SECRET = randomBytes(32).toString('hex');
const FREE_LIMIT = 1000;

describe('payment behind its breaker', () => {
  let service: PaymentStandIn;
  let metrics: Metrics;
  let opened: ReturnType<typeof openPayment>[];

  beforeEach(() => {
    service = new PaymentStandIn(SECRET);
    metrics = createMetrics();
    opened = [];
  });
  afterEach(async () => {
    for (const { close } of opened) await close();
    await service.stop();
  });

  /** With the defaults of the settings, and what the test wants over them. */
  async function open(changed: Partial<Config> = {}): Promise<Payment> {
    const config = {
      freeUploadLimit: FREE_LIMIT,
      allowListedAddresses: [],
      paymentServiceUrl: await service.start(),
      privateRouteSecret: SECRET,
      paymentTimeout: settings.paymentTimeout.default!,
      paymentErrorThreshold: settings.paymentErrorThreshold.default!,
      paymentResetTimeout: settings.paymentResetTimeout.default!,
      paymentRollingWindow: settings.paymentRollingWindow.default!,
      ...changed,
    };
    const payment = openPayment(config, createLogger('test', 'silent'), metrics);
    opened.push(payment);
    return payment.payment;
  }

  const rich = { token: 'ethereum', nativeAddress: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf' };
  const chargeOf = (byteCount: number, payer = rich): Charge => ({ itemId: randomBytes(32), payer, byteCount });
  const state = async (): Promise<number> => (await metrics.breakerState.get()).values[0]!.value;
  const events = async (event: string): Promise<number> =>
    (await metrics.breakerEvents.get()).values.find(({ labels }) => labels.event === event)?.value ?? 0;
  const outcome = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      (value) => value,
      (error: { code?: string }) => error.code,
    );

  it('asks nobody about what is free, and reserves what is not in one call for all that come together', async () => {
    const payment = await open();
    service.balances.set('ethereum/' + rich.nativeAddress, 100_000);
    expect(await payment.reserve(chargeOf(FREE_LIMIT))).toEqual({ winc: '0' });
    expect(await payment.canAfford(rich, FREE_LIMIT)).toBe(true);
    expect(service.calls).toEqual({ check: 0, reserve: 0, settle: 0 });
    const twice = chargeOf(2000);
    const poor = { token: 'solana', nativeAddress: 'nobody' };
    const charges = [chargeOf(5000), twice, chargeOf(5000, poor), twice];
    expect(await Promise.all(charges.map((charge) => payment.reserve(charge)))).toEqual([
      { winc: '10000' },
      { winc: '4000' },
      undefined,
      { winc: '4000' },
    ]);
    expect(service.calls.reserve).toBe(1);
    expect(service.balances.get('ethereum/' + rich.nativeAddress)).toBe(86_000);
    expect(service.strangers).toBe(0);
  });

  it('takes a refusal for an answer: however many there are, the breaker stays closed', async () => {
    const payment = await open();
    service.balances.set('ethereum/' + rich.nativeAddress, 1);
    for (let asked = 0; asked < 30; asked += 1) {
      expect(await payment.canAfford(rich, 5000)).toBe(false);
      expect(await payment.canAfford({ token: 'solana', nativeAddress: 'nobody' }, 5000)).toBe(false);
    }
    expect([await state(), await events('success'), await events('failure')]).toEqual([0, 60, 0]);
  });

  it('never opens for 200 concurrent calls that take one to three seconds each', async () => {
    const payment = await open();
    service.balances.set('ethereum/' + rich.nativeAddress, 1e9);
    let turn = 0;
    service.mood = { delayMs: () => 1000 + 2000 * ((turn++ % 200) / 200) };
    const answers = await Promise.all(Array.from({ length: 200 }, () => payment.canAfford(rich, 5000)));
    expect(answers.every((affords) => affords)).toBe(true);
    expect([await state(), await events('open'), await events('success')]).toEqual([0, 0, 200]);
  }, 30_000);

  it.each(['failing', 'hanging'] as const)(
    'opens while the service is %s, fails at once, tries again, and closes when it works',
    async (mood) => {
      const payment = await open({ paymentTimeout: 500, paymentResetTimeout: 2000, paymentRollingWindow: 5000 });
      service.balances.set('ethereum/' + rich.nativeAddress, 1e9);
      service.mood = mood;
      const failures = await Promise.all(Array.from({ length: 10 }, () => outcome(payment.canAfford(rich, 5000))));
      expect(new Set(failures)).toEqual(new Set(['payment_unavailable']));
      expect(await state()).toBe(1);

      const before = { ...service.calls };
      const asked = performance.now();
      const error = await payment.reserve(chargeOf(5000)).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'payment_unavailable', status: 503 });
      expect((error as { retryAfter: number }).retryAfter).toBeGreaterThanOrEqual(1);
      expect((error as { retryAfter: number }).retryAfter).toBeLessThanOrEqual(2);
      expect(await outcome(payment.canAfford(rich, 5000))).toBe('payment_unavailable');
      expect(performance.now() - asked).toBeLessThan(400);
      expect(service.calls).toEqual(before);
      // What costs nothing needs no payment service.
      expect(await payment.reserve(chargeOf(FREE_LIMIT))).toEqual({ winc: '0' });

      // The trial fails: open again.
      await until(async () => (await state()) === 2);
      expect(await outcome(payment.canAfford(rich, 5000))).toBe('payment_unavailable');
      expect(await state()).toBe(1);
      service.mood = { delayMs: () => 0 };
      await until(async () => (await state()) === 2);
      expect(await payment.canAfford(rich, 5000)).toBe(true);
      expect([await state(), await events('open'), await events('close')]).toEqual([0, 2, 1]);
    },
    20_000,
  );

  it('does not open for a few failures among many good answers', async () => {
    const payment = await open();
    service.balances.set('ethereum/' + rich.nativeAddress, 1e9);
    for (let asked = 0; asked < 20; asked += 1) {
      service.mood = asked % 4 === 3 ? 'failing' : { delayMs: () => 0 };
      await outcome(payment.canAfford(rich, 5000));
    }
    expect([await state(), await events('failure'), await events('success')]).toEqual([0, 5, 15]);
  });

  it('is refused with the wrong secret, and a secret that is too short is refused here', async () => {
    const payment = await open({ privateRouteSecret: randomBytes(32).toString('hex') });
    expect(await outcome(payment.canAfford(rich, 5000))).toBe('payment_unavailable');
    expect(service.strangers).toBe(1);
    const short = { freeUploadLimit: 0, allowListedAddresses: [], paymentServiceUrl: 'http://127.0.0.1:1' };
    expect(() =>
      openPayment({ ...short, privateRouteSecret: 'short' } as never, createLogger('test', 'silent'), metrics),
    ).toThrow('PRIVATE_ROUTE_SECRET must have at least 32 characters');
  });
});

describe('an upload API with a payment service', () => {
  const MiB = 1024 * 1024;
  let service: PaymentStandIn;
  let platform: Platform;
  let url: string;
  let signer: Signer;

  beforeAll(async () => {
    service = new PaymentStandIn(SECRET);
    platform = await Platform.start({
      workers: 0,
      env: {
        FREE_UPLOAD_LIMIT: String(FREE_LIMIT),
        PAYMENT_SERVICE_URL: await service.start(),
        PRIVATE_ROUTE_SECRET: SECRET,
        PAYMENT_SERVICE_TIMEOUT: '1000',
        PAYMENT_SERVICE_RESET_TIMEOUT: '2000',
      },
    });
    url = platform.of('upload')[0]!.url;
    signer = ed25519Signer(randomBytes(32));
  }, 60_000);
  afterAll(async () => {
    await platform?.stop();
    await service.stop();
  });

  async function post(byteCount: number): Promise<Response> {
    const body = new Uint8Array(await createDataItem({ signer, data: randomBytes(byteCount) }));
    const headers = { 'content-type': 'application/octet-stream' };
    return fetch(`${url}/v1/tx`, { method: 'POST', headers, body });
  }

  it('charges what is not free, refuses who cannot pay, and answers 503 at once while nobody can tell', async () => {
    expect((await post(500)).status).toBe(200);
    expect([(await post(5000)).status, (await post(2 * MiB)).status]).toEqual([402, 402]);
    expect(service.reserved.size).toBe(0);

    service.balances.set(`ed25519/${signatureTypes[2].nativeAddress(signer.owner)}`, 1e9);
    for (const size of [5000, 2 * MiB]) {
      const taken = await post(size);
      const { winc, id } = (await taken.json()) as { winc: string; id: string };
      expect([taken.status, winc]).toEqual([200, String(service.reserved.get(id))]);
    }

    service.mood = 'failing';
    for (let tries = 0; tries < 10; tries += 1) expect((await post(5000)).status).toBe(503);
    const asked = service.calls.reserve;
    const refused = await post(5000);
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.text()).toBe('The price cannot be reserved right now; try again shortly.');
    expect(service.calls.reserve).toBe(asked);
    expect((await post(500)).status).toBe(200);
    const scraped = await Scraped.from(`${url}/bundler_metrics`);
    expect(scraped.value('circuit_breaker_state', { service: 'payment' })).toBe(1);
    expect(scraped.value('load_shed_total', { reason: 'payment_unavailable' })).toBe(11);
    const outcome = (name: string) => scraped.value('upload_requests_total', { outcome: name });
    expect([outcome('shed'), outcome('payment_required'), outcome('server_error')]).toEqual([11, 2, 0]);
    expect(scraped.value('circuit_breaker_events_total', { service: 'payment', event: 'open' })).toBe(1);
    expect(scraped.value('circuit_breaker_events_total', { service: 'payment', event: 'reject' })).toBeGreaterThan(0);
    service.mood = { delayMs: () => 0 };
    await until(async () => (await post(5000)).status === 200);
  }, 30_000);
});
