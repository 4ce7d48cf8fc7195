import { constants, generateKeyPairSync, sign } from 'node:crypto';
import type { Receipt } from '@bundler/contract';
import { deepHash, stringToBuffer } from 'arbundles';
import { BundlerClient } from './client.ts';
import { addressOf } from './receipt.ts';

const service = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

async function receiptBy({ privateKey, publicKey }: typeof service): Promise<Receipt> {
  const fields = ['Bundlr', '0.2.0', 'an-id', '200', '1790000000000'];
  const message = await deepHash(fields.map((field) => stringToBuffer(field)));
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return {
    id: 'an-id',
    owner: 'owner',
    version: '0.2.0',
    deadlineHeight: 200,
    timestamp: 1_790_000_000_000,
    winc: '0',
    dataCaches: [],
    fastFinalityIndexes: [],
    public: publicKey.export({ format: 'jwk' }).n as string,
    signature: sign('sha256', message, { key: privateKey, padding, saltLength: 0 }).toString('base64url'),
  };
}

/** A client of a service that names `service` as its signer. */
async function client(): Promise<BundlerClient> {
  const arweave = await addressOf(service.publicKey.export({ format: 'jwk' }).n as string);
  const fetch = async () => Response.json({ addresses: { arweave } });
  return new BundlerClient({ uploadUrl: 'http://bundler.test', fetch });
}

describe('BundlerClient.verifyReceipt', () => {
  it('accepts a receipt that the service signed', async () => {
    expect(await (await client()).verifyReceipt(await receiptBy(service))).toBe(true);
  });

  it('refuses a well signed receipt of somebody else', async () => {
    expect(await (await client()).verifyReceipt(await receiptBy(stranger))).toBe(false);
  });

  it('refuses a receipt that was changed', async () => {
    const receipt = await receiptBy(service);
    expect(await (await client()).verifyReceipt({ ...receipt, deadlineHeight: 201 })).toBe(false);
  });
});
