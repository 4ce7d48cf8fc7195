import { randomBytes } from 'node:crypto';
import {
  aptosSigner,
  arweaveSigner,
  ed25519Signer,
  ethereumSigner,
  generateJwk,
  kyveSigner,
  multiAptosSigner,
  type Signer,
  solanaSigner,
  typedEthereumSigner,
} from '@bundler/ans104';

const KiB = 1024;

/** Payloads, bytes: from the first to the second number, evenly on a scale of powers. */
type Sizes = readonly [least: number, most: number];

/** What items of a corpus are like; the numbers are shares. */
interface Mix {
  readonly signers: Readonly<Partial<Record<SignerName, number>>>;
  readonly sizes: readonly { readonly share: number; readonly bytes: Sizes }[];
}

type SignerName = keyof typeof makers;

/** Keys are made for one corpus and forgotten with it. */
const makers = {
  arweave: async () => arweaveSigner(await generateJwk()),
  ed25519: () => ed25519Signer(randomBytes(32)),
  ethereum: () => ethereumSigner(randomBytes(32)),
  solana: () => solanaSigner(randomBytes(32)),
  aptos: () => aptosSigner(randomBytes(32)),
  multiAptos: () => multiAptosSigner([{ seed: randomBytes(32) }, { seed: randomBytes(32) }], 2),
  typedEthereum: () => typedEthereumSigner(randomBytes(32)),
  kyve: () => kyveSigner(randomBytes(32)),
} as const satisfies Record<string, () => Signer | Promise<Signer>>;

const each = { arweave: 1, ed25519: 1, ethereum: 1, solana: 1, aptos: 1, multiAptos: 1, typedEthereum: 1, kyve: 1 };

/** The mixes by name. */
export const mixes = {
  /** What clients send: most of it small, most of it signed by Arweave wallets. */
  traffic: {
    signers: { arweave: 60, ed25519: 10, solana: 10, ethereum: 20 },
    sizes: [
      { share: 75, bytes: [200, 16 * KiB] },
      { share: 22, bytes: [100 * KiB, 500 * KiB] },
      { share: 3, bytes: [1024 * KiB, 2048 * KiB] },
    ],
  },
  /** Every type of signature, in turn. */
  'every-signature': { signers: each, sizes: [{ share: 1, bytes: [1, 2 * KiB] }] },
  /** The plan's own first load test. */
  'one-kib': { signers: { arweave: 1 }, sizes: [{ share: 1, bytes: [KiB, KiB] }] },
  /** As `cheap`, above any free limit that a suite of payments sets. */
  paid: { signers: { ed25519: 1 }, sizes: [{ share: 1, bytes: [2 * KiB, 4 * KiB] }] },
  /** Cheap to make: for suites in which their number counts. */
  cheap: { signers: { ed25519: 1 }, sizes: [{ share: 1, bytes: [200, KiB] }] },
} as const satisfies Record<string, Mix>;

export type MixName = keyof typeof mixes;

/** Signers of a mix, one key of each kind, with their shares. */
export async function signersOf(name: MixName): Promise<[Signer, number][]> {
  const entries = Object.entries(mixes[name].signers) as [SignerName, number][];
  return Promise.all(
    entries.map(async ([signer, share]): Promise<[Signer, number]> => [await makers[signer](), share]),
  );
}
