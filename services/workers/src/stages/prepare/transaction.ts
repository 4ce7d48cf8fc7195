import { constants, hash, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { TransactionJson, Wallet } from '@bundler/adapters';
import TransactionModule from 'arweave/node/lib/transaction.js';

// The package is CommonJS: what Node hands over is the module, its default export inside.
const Transaction = TransactionModule.default;
const signAsync = promisify(sign);

export interface BundleTransaction {
  readonly dataRoot: Buffer;
  readonly byteCount: number;
  readonly anchor: string;
  /** Winston. */
  readonly reward: bigint;
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url');

/** The tags that make gateways look into a transaction and find a bundle. */
const TAGS = [
  { name: 'Bundle-Format', value: 'binary' },
  { name: 'Bundle-Version', value: '2.0.0' },
].map(({ name, value }) => ({ name: base64url(name), value: base64url(value) }));

/** Makes and signs the transaction that carries a bundle. @returns its id and the JSON that `POST /tx` takes */
export async function signTransaction(
  wallet: Wallet,
  bundle: BundleTransaction,
): Promise<{ txId: Buffer; tx: TransactionJson }> {
  const transaction = new Transaction({
    format: 2,
    owner: wallet.publicKey,
    target: '',
    quantity: '0',
    reward: String(bundle.reward),
    last_tx: bundle.anchor,
    data_size: String(bundle.byteCount),
    data_root: bundle.dataRoot.toString('base64url'),
    data: new Uint8Array(),
    tags: TAGS as never,
  });
  const message = await transaction.getSignatureData();
  const signature = await signAsync('sha256', message, {
    key: wallet.privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 32,
  });
  const txId = hash('sha256', signature, 'buffer');
  transaction.setSignature({
    id: txId.toString('base64url'),
    owner: wallet.publicKey,
    signature: signature.toString('base64url'),
  });
  return { txId, tx: transaction.toJSON() as unknown as TransactionJson };
}
