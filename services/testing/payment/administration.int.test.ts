import { randomBytes } from 'node:crypto';
import { ADMIN_NAME_HEADER } from '@bundler/contract';
import { PaymentDesk } from '../src/payment-desk.ts';
import { PaymentProcess } from '../src/payment-process.ts';

describe('those who look after the payment service', () => {
  let payment: PaymentProcess;
  let desk: PaymentDesk;

  beforeAll(async () => {
    payment = await PaymentProcess.start();
    desk = await PaymentDesk.open(payment);
  }, 60_000);
  afterAll(async () => {
    await desk?.close();
    await payment?.stop();
  });
  afterEach(async () => {
    desk.lines.length = 0;
    await payment.ledger.requireBalanced();
  });

  const ask: PaymentDesk['ask'] = (...request) => desk.ask(...request);
  const acts = async () => (await desk.acts()).map(({ action, admin, subject }) => ({ admin, action, subject }));

  it('give credits once for each reference, and see what an account has, and both are on record for good', async () => {
    const address = randomBytes(32).toString('base64url');
    expect((await ask('GET', `/accounts/${address}`)).status).toBe(404);
    const grant = { address, winc: '12345678901234567890', reference: 'ticket-7', reason: 'an outage' };
    expect(await ask('POST', '/credits', grant)).toEqual({ status: 200, body: { isNew: true } });
    expect(await ask('POST', '/credits', grant)).toEqual({ status: 200, body: { isNew: false } });
    expect(await ask('GET', `/accounts/${address}`)).toMatchObject({
      status: 200,
      body: {
        balances: { available: grant.winc, held: '0' },
        flagged: null,
        transfers: [{ reason: 'top-up', reference: 'ticket-7', from: 'issued:admin', to: `available:${address}` }],
      },
    });
    expect(await acts()).toEqual([
      { admin: 'alice', action: 'inspect', subject: address },
      { admin: 'alice', action: 'grant', subject: address },
      { admin: 'alice', action: 'grant', subject: address },
      { admin: 'alice', action: 'inspect', subject: address },
    ]);
    await expect(payment.ledger.database.writer.raw('delete from admin_acts')).rejects.toThrow('never changed');
  });

  it('are named by the log of the admin service with each act and what came of it', async () => {
    const address = randomBytes(32).toString('base64url');
    const grant = { address, winc: '1', reference: 'ticket-8', reason: 'an outage' };
    await ask('POST', '/credits', grant);
    await ask('GET', `/accounts/${address}`);
    await ask('POST', `/accounts/${address}/unflag`);
    await ask('POST', '/promo-codes', { code: 'AUTUMN', percent: 5 });
    await ask('POST', '/promo-codes', { code: 'AUTUMN', percent: 5 });
    const alice = { audit: true, admin: 'alice' };
    expect(desk.lines).toEqual([
      { ...alice, action: 'payment.grant', path: '/credits', status: 200 },
      { ...alice, action: 'payment.inspect', path: `/accounts/${address}`, status: 200 },
      { ...alice, action: 'payment.unflag', path: `/accounts/${address}/unflag`, status: 200 },
      { ...alice, action: 'payment.promo-code', path: '/promo-codes', status: 200 },
      { ...alice, action: 'payment.promo-code', path: '/promo-codes', status: 400 },
    ]);
  });

  it('add promo codes that say what they take off, each once', async () => {
    const code = { code: 'SPRING', percent: 20, endsAt: '2100-01-01T00:00:00Z', maxUses: 3, oncePerAddress: true };
    expect(await ask('POST', '/promo-codes', code)).toEqual({ status: 200, body: { code: 'SPRING' } });
    expect((await ask('POST', '/promo-codes', code)).status).toBe(400);
    for (const wrong of [
      { percent: 1, amount: 1 },
      {},
      { amount: 5 },
      { percent: 100 },
      { percent: 1, endsAt: 'later' },
    ])
      expect((await ask('POST', '/promo-codes', { code: 'WRONG', ...wrong })).status).toBe(400);
  });

  it('have cards taken again for an address that a dispute had flagged', async () => {
    const address = randomBytes(32).toString('base64url');
    await payment.ledger.database.writer.raw(`insert into flagged_accounts (address, reason) values (?, 'dispute 1')`, [
      address,
    ]);
    const unflag = () => ask('POST', `/accounts/${address}/unflag`);
    expect([await unflag(), await unflag()].map(({ body }) => body)).toEqual([
      { unflagged: true },
      { unflagged: false },
    ]);
  });

  it('bring a key, and nobody else gets in by either door', async () => {
    for (const path of ['/accounts/x', '/x402-payments'])
      expect((await ask('GET', path, undefined, 'no key')).status).toBe(401);
    const direct = await fetch(`${payment.url}/v1/admin/credits`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [ADMIN_NAME_HEADER]: 'alice' },
      body: JSON.stringify({ address: 'x', winc: '1', reference: 'r', reason: 'r' }),
    });
    expect(direct.status).toBe(401);
  });
});
