import { generateJwk } from '@bundler/ans104';
import { findTurboSdk } from '../../src/turbo-sdk/install.ts';
import type { Proof } from '../kit/context.ts';

const PERMANENT_MS = 240_000;

/** The SDK that applications use uploads through the Service, and what it uploaded becomes permanent. */
export const sdkUpload: Proof = {
  title: 'Unmodified SDK uploads through the Service',
  async run({ platform, say }) {
    const source = await findTurboSdk(process.env, say);
    if (source.missing !== undefined) throw new Error(source.missing);
    const [url, privateKey, data] = [await platform.url(), await generateJwk(), Buffer.from('from the SDK')];
    const sdk = source.start();
    try {
      const { receipt } = await sdk.do('upload', { url, wallet: { token: 'arweave', privateKey }, data });
      const client = await platform.client();
      const since = performance.now();
      const { bundleId } = await client.waitFor(receipt.id, 'permanent', { timeoutMs: PERMANENT_MS });
      const read = Buffer.from(await (await client.download(receipt.id)).arrayBuffer());
      if (!read.equals(data)) throw new Error(`the gateway returned other bytes for ${receipt.id}: ${read}`);
      const { by } = await platform.address();
      const took = Math.round((performance.now() - since) / 1000);
      return `reached by ${by}; ${receipt.id} permanent in bundle ${bundleId} after ${took} s; same bytes read back`;
    } finally {
      await sdk.stop();
    }
  },
};
