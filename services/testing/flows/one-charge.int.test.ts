import { randomBytes } from 'node:crypto';
import { createDataItem, ed25519Signer, signatureTypes } from '@bundler/ans104';
import type { Receipt } from '@bundler/client';
import { Ledger } from '../src/chaos/ledger.ts';
import { Platform } from '../src/index.ts';
import { type Answer, KeepAliveClient } from '../src/keep-alive-client.ts';
import { PaymentStandIn } from '../src/payment-stand-in.ts';

const MiB = 1024 * 1024;
const COPIES = 20;
const SECRET = randomBytes(32).toString('hex');
const signer = ed25519Signer(randomBytes(32));
const payer = `ed25519/${signatureTypes[2].nativeAddress(signer.owner)}`;

describe('one paid item sent to two upload APIs at once', () => {
  let service: PaymentStandIn;
  let platform: Platform;
  let clients: KeepAliveClient[];

  beforeAll(async () => {
    service = new PaymentStandIn(SECRET);
    const env = {
      FREE_UPLOAD_LIMIT: '0',
      PAYMENT_SERVICE_URL: await service.start(),
      PRIVATE_ROUTE_SECRET: SECRET,
    };
    platform = await Platform.start({ apis: 2, workers: 0, env });
    clients = platform.of('upload').map(({ url }) => new KeepAliveClient(url, COPIES));
  }, 60_000);
  afterAll(async () => {
    for (const client of clients ?? []) client.close();
    await platform?.stop();
    await service?.stop();
  });
  beforeEach(() => {
    service.reserved.clear();
    // Long enough for every copy to be there before the first one is paid for.
    service.mood = { delayMs: () => 100 };
  });

  async function rowsOf(id: string): Promise<number> {
    const ledger = await Ledger.open(platform.database.url);
    try {
      return (await ledger.items()).filter((row) => row.id === id).length;
    } finally {
      await ledger.close();
    }
  }

  const receiptsOf = (answers: readonly Answer[]): Receipt[] => {
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    return answers.map(({ text }) => JSON.parse(text) as Receipt);
  };

  it.each([5000, 2 * MiB])(
    `is charged once for ${COPIES} concurrent posts of %i bytes, also when more could not be paid for`,
    async (size) => {
      const bytes = await createDataItem({ signer, data: randomBytes(size) });
      const price = bytes.length * service.price;
      service.balances.set(payer, price);
      const posts = Array.from({ length: COPIES }, (_, index) => clients[index % 2]!.upload(bytes));
      const [receipt, ...others] = receiptsOf(await Promise.all(posts)) as [Receipt, ...Receipt[]];
      expect(others).toEqual(others.map(() => receipt));
      expect(receipt.winc).toBe(String(price));
      expect(await rowsOf(receipt.id)).toBe(1);
      expect([...service.reserved]).toEqual([[receipt.id, price]]);
      expect(service.balances.get(payer)).toBe(0);

      // And whoever comes back later, with nothing left to pay with.
      const late = receiptsOf(await Promise.all(clients.map((client) => client.upload(bytes))));
      expect(late).toEqual([receipt, receipt]);
      expect(service.balances.get(payer)).toBe(0);
    },
    30_000,
  );
});
