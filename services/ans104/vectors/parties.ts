/** The same fixed keys, as signers of this package and as signers of arbundles. For tests and vectors only. */
import { createPrivateKey, hash, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { base58 } from '@scure/base';
import {
  AlgorandSigner,
  ArweaveSigner,
  EthereumSigner,
  HexSolanaSigner,
  InjectedAptosSigner,
  MultiSignatureAptosSigner,
  type Signer as OracleSigner,
  TypedEthereumSigner,
} from 'arbundles';
import {
  type ArweaveJwk,
  aptosSigner,
  arweaveSigner,
  ed25519Signer,
  ethereumSigner,
  multiAptosSigner,
  type Signer,
  solanaSigner,
  typedEthereumSigner,
} from '../src/index.ts';

/** One key holder; `deterministic` where signing twice gives the same bytes. */
export interface Party {
  name: string;
  deterministic: boolean;
  ours: Signer;
  theirs: OracleSigner;
}

/** A secret that everybody can know. */
export function testSecret(label: string): Buffer {
  return hash('sha256', `test only: ${label}`, 'buffer');
}

/** A wallet that everybody can know. */
export const testWallet = JSON.parse(
  readFileSync(new URL('./test-only-wallet.json', import.meta.url), 'utf8'),
) as ArweaveJwk;

/** One party for each signature type arbundles knows. */
export const parties: Party[] = [
  { name: 'arweave', deterministic: false, ours: arweaveSigner(testWallet), theirs: new ArweaveSigner(testWallet) },
  ed25519Party(),
  ethereumParty(),
  solanaParty(),
  aptosParty(),
  multiAptosParty(),
  typedEthereumParty(),
];

/** Signs with a plain Ed25519 key, straight from its seed. */
export function signEd25519(seed: Buffer, message: Uint8Array): Buffer {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  const key = createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' });
  return sign(null, message, key);
}

function ed25519Party(): Party {
  const seed = testSecret('ed25519');
  const ours = ed25519Signer(seed);
  return { name: 'ed25519', deterministic: true, ours, theirs: new AlgorandSigner(seed, ours.owner) };
}

function ethereumParty(): Party {
  const key = testSecret('ethereum');
  const theirs = new EthereumSigner(key.toString('hex'));
  return { name: 'ethereum', deterministic: true, ours: ethereumSigner(key), theirs };
}

function typedEthereumParty(): Party {
  const key = testSecret('typedEthereum');
  const theirs = new TypedEthereumSigner(key.toString('hex'));
  return { name: 'typedEthereum', deterministic: true, ours: typedEthereumSigner(key), theirs };
}

function solanaParty(): Party {
  const seed = testSecret('solana');
  const ours = solanaSigner(seed);
  const theirs = new HexSolanaSigner(base58.encode(Buffer.concat([seed, ours.owner])));
  return { name: 'solana', deterministic: true, ours, theirs };
}

function aptosParty(): Party {
  const seed = testSecret('aptos');
  const ours = aptosSigner(seed);
  const wallet = {
    signMessage: async ({ message, nonce }: { message: string; nonce: string }) => ({
      signature: signEd25519(seed, Buffer.from(`APTOS\nmessage: ${message}\nnonce: ${nonce}`)).toString('hex'),
    }),
  };
  return { name: 'injectedAptos', deterministic: true, ours, theirs: new InjectedAptosSigner(wallet, ours.owner) };
}

/** Three keys, of which the first and the third sign; two are enough. */
function multiAptosParty(): Party {
  const seeds = ['multi 0', 'multi 1', 'multi 2'].map(testSecret) as [Buffer, Buffer, Buffer];
  const absent = ed25519Signer(seeds[1]).owner;
  const ours = multiAptosSigner([{ seed: seeds[0] }, { publicKey: absent }, { seed: seeds[2] }], 2);
  const theirs = new MultiSignatureAptosSigner(ours.owner, async (message) => ({
    signatures: [signEd25519(seeds[0], message), signEd25519(seeds[2], message)],
    bitmap: [0, 2],
  }));
  return { name: 'multiAptos', deterministic: true, ours, theirs };
}
