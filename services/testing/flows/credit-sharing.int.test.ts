import { randomBytes } from 'node:crypto';
import { createDataItem, ed25519Signer, ethereumSigner, type Signer, signatureTypes, type Tag } from '@bundler/ans104';
import type { MultipartStatus, Receipt } from '@bundler/contract';
import { PaymentLedger, Platform } from '../src/index.ts';
import { MultipartClient } from '../src/multipart/multipart-client.ts';

const MiB = 1024 * 1024;
const FUNDS = 10n ** 12n;
const FREE = 1000;
const TEST_MS = 90_000;

describe('credits that the tags of an upload share', () => {
  let platform: Platform;
  let ledger: PaymentLedger;
  let signer: Signer;
  let payer: string;
  let friend: string;

  beforeAll(async () => {
    platform = await Platform.start({ payment: true, env: { FREE_UPLOAD_LIMIT: String(FREE) } });
    ledger = await PaymentLedger.open(platform.paymentDatabase.url);
  }, 60_000);
  afterAll(async () => {
    await ledger?.close();
    await platform?.stop();
  });
  beforeEach(async () => {
    signer = ed25519Signer(randomBytes(32));
    payer = signatureTypes[2].nativeAddress(signer.owner);
    friend = signatureTypes[2].nativeAddress(ed25519Signer(randomBytes(32)).owner);
    await ledger.credit(payer, FUNDS);
  });
  afterEach(() => ledger.requireBalanced());

  const approving = (winc: bigint | string, approved = friend): Tag[] => [
    { name: 'x-approve-payment', value: approved },
    { name: 'x-amount', value: String(winc) },
  ];
  const revoking = (revoked = friend): Tag[] => [{ name: 'x-delete-payment-approval', value: revoked }];
  const anItem = (byteCount: number, tags: Tag[] = [], by = signer): Promise<Buffer> =>
    createDataItem({ signer: by, tags, data: randomBytes(byteCount) });
  const api = (): string => platform.of('upload')[0]!.url;

  async function post(item: Buffer, headers: Record<string, string> = {}, token?: string) {
    const answer = await fetch(`${api()}/v1/tx${token ? `/${token}` : ''}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', ...headers },
      body: new Uint8Array(item),
    });
    const text = await answer.text();
    return { status: answer.status, text, receipt: (answer.ok ? JSON.parse(text) : {}) as Receipt };
  }
  const available = (address = payer): Promise<bigint> => ledger.balance('available', address);
  const shared = ({ id }: Receipt): Promise<bigint> => ledger.balance('shared', id);

  it.each([500, 2 * MiB])(
    'are told of in the receipt of its %i bytes, the same one whenever it is sent again',
    async (size) => {
      const item = await anItem(size, approving(100n));
      const { receipt, status } = await post(item);
      expect(status).toBe(200);
      expect(receipt.createdApproval).toMatchObject({
        approvalDataItemId: receipt.id,
        payingAddress: payer,
        approvedAddress: friend,
        approvedWincAmount: '100',
      });
      expect([await shared(receipt), await available()]).toEqual([100n, FUNDS - 100n - BigInt(receipt.winc)]);
      const again = await post(item);
      expect([again.status, again.receipt.id]).toEqual([200, receipt.id]);
      if (size < MiB) expect(again.receipt).toEqual(receipt);
      expect(await shared(receipt)).toBe(100n);

      const back = await post(await anItem(500, revoking()));
      expect(back.receipt.revokedApprovals).toEqual([receipt.createdApproval]);
      expect(await available()).toBe(FUNDS - BigInt(receipt.winc));
      // What was shared once is not shared again by the same item, which keeps its receipt.
      const late = await post(item);
      expect([late.status, late.receipt]).toMatchObject([200, { id: receipt.id, signature: receipt.signature }]);
      expect(late.receipt.createdApproval).toBeUndefined();
      expect(await available()).toBe(FUNDS - BigInt(receipt.winc));
    },
    TEST_MS,
  );

  it.each([500, 5000, 2 * MiB])(
    'that are refused leave an upload of %i bytes untaken and unpaid',
    async (size) => {
      const refusals: [Tag[], string][] = [
        [approving(FUNDS + 1n), `Insufficient balance for '${payer}'`],
        [approving(1n, 'nobody'), 'Invalid approved address'],
        [approving(1n, payer), 'Invalid approved address'],
        [approving('a lot'), 'x-amount'],
      ];
      for (const [tags, reason] of refusals) {
        const { status, text } = await post(await anItem(size, tags));
        expect([status, text]).toEqual([400, expect.stringContaining(reason)]);
        expect(text).toMatch(/^Unable to create delegated payment approval : /);
      }
      const none = await post(await anItem(size, revoking()));
      expect([none.status, none.text]).toEqual([400, 'Unable to revoke delegated payment approval !']);
      expect(await available()).toBe(FUNDS);
    },
    TEST_MS,
  );

  it('are none of an item whose signature is not good', async () => {
    const item = await anItem(500, approving(100n));
    item[item.length - 1]! ^= 1;
    expect((await post(item)).status).toBe(400);
    expect(await available()).toBe(FUNDS);
  });

  it('are those of the account that its signer pays with', async () => {
    const by = ethereumSigner(randomBytes(32));
    const address = signatureTypes[101].nativeAddress(by.owner);
    await ledger.credit(address, FUNDS);
    const { receipt } = await post(await anItem(500, approving(100n), by), {}, 'kyve');
    expect(receipt.createdApproval).toMatchObject({ payingAddress: address });
    expect(await available(address)).toBe(FUNDS - 100n);
  });

  it(
    'are told of in the receipt of an upload in parts, which fails when they are refused',
    async () => {
      const parts = new MultipartClient(api());
      const finalized = async (tags: Tag[]) => {
        const id = await parts.open(5 * MiB);
        await parts.sendAll(id, await anItem(5000, tags), 5 * MiB);
        const { status } = await parts.finalizeAndWait(id);
        return { answered: status, ...((await (await parts.status(id)).json()) as MultipartStatus) };
      };
      const made = await finalized(approving(100n));
      expect(made).toMatchObject({ status: 'FINALIZED', receipt: { createdApproval: { approvedWincAmount: '100' } } });
      const { id, winc } = made.receipt!;
      expect(await ledger.balance('shared', id)).toBe(100n);
      const refused = await finalized(approving(FUNDS));
      expect([refused.status, refused.answered]).toEqual(['APPROVAL_FAILED', 400]);
      const back = await finalized(revoking());
      expect(back.receipt?.revokedApprovals).toMatchObject([{ approvalDataItemId: id }]);
      expect((await finalized(revoking())).status).toBe('REVOKE_FAILED');
      expect(await available()).toBe(FUNDS - BigInt(winc) - BigInt(back.receipt!.winc));
    },
    TEST_MS,
  );

  it(
    'pay for what names their payer, in the order given, and come back to them when it fails',
    async () => {
      const other = ed25519Signer(randomBytes(32));
      const mine = signatureTypes[2].nativeAddress(other.owner);
      await ledger.credit(mine, FUNDS);
      const toFriend = ed25519Signer(randomBytes(32));
      const spender = signatureTypes[2].nativeAddress(toFriend.owner);
      const one = (await post(await anItem(500, approving(1n, spender)))).receipt;
      const two = (await post(await anItem(500, approving(FUNDS, spender), other))).receipt;
      const item = await anItem(5000, [], toFriend);
      expect((await post(item)).status).toBe(402);
      expect((await post(item, { 'X-Paid-By': 'not an address!' })).status).toBe(400);
      const { receipt, status } = await post(item, { 'X-Paid-By': `${payer}, ${mine}` });
      expect(status).toBe(200);
      const rest = [1n, FUNDS].map((had, index) => had - [1n, BigInt(receipt.winc) - 1n][index]!);
      expect([await shared(one), await shared(two)]).toEqual(rest);
    },
    TEST_MS,
  );
});

describe('credits that the tags of an upload share, where nothing is paid for', () => {
  it('are refused', async () => {
    const platform = await Platform.start({ workers: 0 });
    try {
      const signer = ed25519Signer(randomBytes(32));
      const tags = [{ name: 'x-delete-payment-approval', value: 'somebody' }];
      const item = await createDataItem({ signer, tags, data: randomBytes(10) });
      const headers = { 'content-type': 'application/octet-stream' };
      const url = `${platform.of('upload')[0]!.url}/v1/tx`;
      const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(item) });
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('Nothing is paid for here')]);
    } finally {
      await platform.stop();
    }
  }, 60_000);
});
