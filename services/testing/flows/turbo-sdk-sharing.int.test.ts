import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateJwk } from '@bundler/ans104';
import type { Approval } from '@bundler/contract';
import { addressOf, describeUnless, PaymentLedger, Platform, until } from '../src/index.ts';
import { findTurboSdk } from '../src/turbo-sdk/install.ts';
import type { SdkWallet } from '../src/turbo-sdk/protocol.ts';
import type { TurboSdk } from '../src/turbo-sdk/turbo-sdk.ts';

const MiB = 1024 * 1024;
const FUNDS = 10n ** 12n;
const PATIENCE_MS = 30_000;
const TEST_MS = 120_000;
/** An address that nobody has the key of. */
const STRANGER = 'stub-43-char-address-stub-43-char-address-0';

const source = await findTurboSdk(process.env, (line) => process.stderr.write(`${line}\n`));

interface Balance {
  readonly winc: string;
  readonly controlledWinc: string;
  readonly effectiveBalance: string;
  readonly givenApprovals: Approval[];
  readonly receivedApprovals: Approval[];
}
type Wallet = SdkWallet & { address: string };

describeUnless(source.missing, 'credits that the unmodified @ardrive/turbo-sdk 1.43.0 shares', () => {
  let sdk: TurboSdk;
  let platform: Platform;
  let ledger: PaymentLedger;
  let folder: string;
  let payer: Wallet;

  beforeAll(async () => {
    sdk = source.start();
    folder = await mkdtemp(join(tmpdir(), 'sharing-'));
    platform = await Platform.start({ payment: true, env: { FREE_UPLOAD_LIMIT: '2000' } });
    ledger = await PaymentLedger.open(platform.paymentDatabase.url);
  }, 90_000);
  afterAll(async () => {
    await ledger?.close();
    await platform?.stop();
    await sdk?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    payer = await newWallet();
    await ledger.credit(payer.address, FUNDS);
  });
  afterEach(() => ledger.requireBalanced());

  const urls = () => ({ url: platform.of('upload')[0]!.url, paymentUrl: platform.of('payment')[0]!.url });
  const call = <Answer>(method: string, args: unknown[] = [], wallet?: SdkWallet) =>
    sdk.do('call', { ...urls(), ...(wallet && { wallet }), method, args }) as Promise<Answer>;
  const newWallet = async (): Promise<Wallet> => {
    const privateKey = await generateJwk();
    return { token: 'arweave', privateKey, address: addressOf(privateKey) };
  };
  const share = (approvedAddress: string, approvedWincAmount: string, expiresBySeconds?: number): Promise<Approval> =>
    call(
      'shareCredits',
      [{ approvedAddress, approvedWincAmount, ...(expiresBySeconds && { expiresBySeconds }) }],
      payer,
    );
  const balanceOf = (wallet: SdkWallet): Promise<Balance> => call('getBalance', [], wallet);

  it(
    'leave what their payer can spend, and come back when they expire or are revoked',
    async () => {
      const made = await share(STRANGER, '100');
      expect(made).toMatchObject({
        payingAddress: payer.address,
        approvedAddress: STRANGER,
        approvedWincAmount: '100',
      });
      expect(await balanceOf(payer)).toMatchObject({
        winc: String(FUNDS - 100n),
        controlledWinc: String(FUNDS),
        effectiveBalance: String(FUNDS - 100n),
        givenApprovals: [made],
        receivedApprovals: [],
      });

      await share(STRANGER, '100', 1);
      expect(await balanceOf(payer)).toMatchObject({ winc: expect.any(String), controlledWinc: String(FUNDS) });
      await until(async () => (await balanceOf(payer)).winc === String(FUNDS - 100n), PATIENCE_MS);
      expect((await balanceOf(payer)).givenApprovals).toEqual([made]);

      const newer = await share(STRANGER, '100');
      const far = await share(STRANGER, '100', 10_000);
      const near = await share(STRANGER, '100', 1000);
      const listed = await call<Balance>('getCreditShareApprovals', [], payer);
      expect(listed.givenApprovals).toEqual([near, far, made, newer]);
      expect(await call('getCreditShareApprovals', [{ userAddress: STRANGER }])).toMatchObject({ givenApprovals: [] });

      const revoked = await call<Approval[]>('revokeCredits', [{ revokedAddress: STRANGER }], payer);
      expect(revoked).toEqual([near, far, made, newer]);
      expect(await balanceOf(payer)).toMatchObject({ winc: String(FUNDS), givenApprovals: [] });
    },
    TEST_MS,
  );

  it(
    'are refused for an address that is none, beyond what there is, and when there is nothing to take back',
    async () => {
      const refusal = (text: string) => ({
        name: 'FailedRequestError',
        status: 400,
        message: expect.stringContaining(text),
      });
      const create = 'Unable to create delegated payment approval :';
      await expect(share('invalidAddress', '100')).rejects.toMatchObject(refusal(`${create} Invalid approved address`));
      await expect(share(STRANGER, String(FUNDS + 1n))).rejects.toMatchObject(
        refusal(`${create} Insufficient balance for '${payer.address}'`),
      );
      await expect(call('revokeCredits', [{ revokedAddress: STRANGER }], payer)).rejects.toMatchObject(
        refusal('Unable to revoke delegated payment approval !'),
      );
      expect(await balanceOf(payer)).toMatchObject({ winc: String(FUNDS), givenApprovals: [] });
    },
    TEST_MS,
  );

  it.each<[string, { size: number; inParts?: boolean }]>([
    ['a small upload', { size: 50_000 }],
    ['one that is streamed', { size: 2 * MiB }],
    ['one in parts', { size: MiB, inParts: true }],
  ])(
    'pay for %s whose signer has nothing, and only when their payer is named',
    async (_, { size, inParts = false }) => {
      const signer = await newWallet();
      await share(signer.address, String(FUNDS));
      expect(await balanceOf(payer)).toMatchObject({ winc: '0', controlledWinc: String(FUNDS) });
      expect(await balanceOf(signer)).toMatchObject({ winc: '0', effectiveBalance: String(FUNDS) });

      const file = join(folder, `${size}`);
      await writeFile(file, randomBytes(size));
      const upload = (paidBy?: string | string[]) =>
        sdk.do('uploadFile', { url: urls().url, wallet: signer, file, inParts, ...(paidBy && { paidBy }) });
      await expect(upload()).rejects.toMatchObject({ status: 402 });
      await expect(upload(STRANGER)).rejects.toMatchObject({ status: 402 });

      const one = await upload(payer.address);
      const many = await upload([signer.address, STRANGER, payer.address]);
      const spent = BigInt(one.receipt.winc) + BigInt(many.receipt.winc);
      expect([one.retries, many.retries, spent > 0n]).toEqual([0, 0, true]);
      expect(await balanceOf(payer)).toMatchObject({ winc: '0', controlledWinc: String(FUNDS - spent) });
      const { effectiveBalance, receivedApprovals, winc } = await balanceOf(signer);
      expect([winc, effectiveBalance, receivedApprovals[0]!.usedWincAmount]).toEqual([
        '0',
        String(FUNDS - spent),
        String(spent),
      ]);
    },
    TEST_MS,
  );
});
