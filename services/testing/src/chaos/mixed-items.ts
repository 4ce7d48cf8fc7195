import { createHash, randomBytes } from 'node:crypto';
import { createDataItem, ed25519Signer, ethereumSigner, type Signer } from '@bundler/ans104';
import { testSigner } from '../wallet.ts';
import { pick, type Random } from './seeded-random.ts';

const KiB = 1024;
const SMALLEST = 100;
const LARGEST = 300 * KiB;
/** Above what is held in memory: streamed into an object of its own. */
const STREAMED = 2048 * KiB;

/** How an item is sent. */
export interface Sending {
  readonly byteCount: number;
  readonly signer: 'arweave' | 'ethereum' | 'ed25519';
  /** Without Content-Length. */
  readonly chunked: boolean;
  /** Clients that send it, at the same time. */
  readonly copies: number;
  /** Its client gives up after one try: the item may be accepted without anybody having a receipt. */
  readonly impatient: boolean;
}

/** Draws the next sending. */
export function drawSending(random: Random): Sending {
  const small = Math.round(SMALLEST * (LARGEST / SMALLEST) ** random());
  const copies = random() < 0.1 ? 2 : 1;
  return {
    byteCount: random() < 0.03 ? STREAMED : small,
    signer: pick(random, ['arweave', 'ethereum', 'ed25519'] as const),
    chunked: random() < 0.3,
    copies,
    impatient: random() < 0.05 && copies === 1,
  };
}

export interface SignedItem {
  readonly id: string;
  readonly bytes: Buffer;
  /** SHA-256 of its payload, hexadecimal. */
  readonly payloadHash: string;
}

/** Signs items with one key of each kind. */
export async function itemMaker(): Promise<(sending: Sending) => Promise<SignedItem>> {
  const signers: Record<Sending['signer'], Signer> = {
    arweave: await testSigner(),
    ethereum: ethereumSigner(randomBytes(32)),
    ed25519: ed25519Signer(randomBytes(32)),
  };
  return async ({ byteCount, signer }) => {
    const data = randomBytes(byteCount);
    const bytes = await createDataItem({ signer: signers[signer], data });
    // An item's signature stands between its type of two bytes and its owner.
    const signature = bytes.subarray(2, 2 + signatureBytes[signer]);
    return {
      id: createHash('sha256').update(signature).digest('base64url'),
      bytes,
      payloadHash: createHash('sha256').update(data).digest('hex'),
    };
  };
}

const signatureBytes: Record<Sending['signer'], number> = { arweave: 512, ethereum: 65, ed25519: 64 };
