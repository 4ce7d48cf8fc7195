import { randomBytes } from 'node:crypto';
import { createDataItem, ed25519Signer, type Signer, signatureTypes } from '@bundler/ans104';
import type { Receipt } from '@bundler/client';
import { PaymentLedger, Platform } from '../src/index.ts';

const MiB = 1024 * 1024;

describe('uploads that are paid for', () => {
  let platform: Platform;
  let ledger: PaymentLedger;
  let signer: Signer;
  let payer: string;

  beforeAll(async () => {
    platform = await Platform.start({ payment: true, env: { FREE_UPLOAD_LIMIT: '1000' } });
    ledger = await PaymentLedger.open(platform.paymentDatabase.url);
  }, 60_000);
  afterAll(async () => {
    await ledger?.close();
    await platform?.stop();
  });
  beforeEach(() => {
    signer = ed25519Signer(randomBytes(32));
    payer = signatureTypes[2].nativeAddress(signer.owner);
  });
  afterEach(() => ledger.requireBalanced());

  async function post(byteCount: number): Promise<Response> {
    const body = new Uint8Array(await createDataItem({ signer, data: randomBytes(byteCount) }));
    const headers = { 'content-type': 'application/octet-stream' };
    return fetch(`${platform.of('upload')[0]!.url}/v1/tx`, { method: 'POST', headers, body });
  }

  it.each([5000, 2 * MiB])('are charged the price of their %i bytes, and refused without credits', async (size) => {
    const refused = await post(size);
    expect([refused.status, await refused.text()]).toEqual([402, 'Insufficient balance']);
    expect(await ledger.balance('held', payer)).toBe(0n);

    const funds = 10n ** 12n;
    await ledger.credit(payer, funds);
    const taken = await post(size);
    expect(taken.status).toBe(200);
    const { id, winc } = (await taken.json()) as Receipt;
    expect(BigInt(winc)).toBeGreaterThan(0n);
    expect(await ledger.balance('available', payer)).toBe(funds - BigInt(winc));
    expect((await ledger.reservations(id)).map(([, price]) => price)).toEqual([BigInt(winc)]);
  });

  it('cost nothing while they are small', async () => {
    const taken = await post(500);
    expect([taken.status, ((await taken.json()) as Receipt).winc]).toEqual([200, '0']);
  });
});
