import { randomBytes } from 'node:crypto';
import { BundlerClient, ethereumSigner } from '@bundler/client';

/** What became of the small items that were sent beside a large one. */
export interface SmallItems {
  readonly count: number;
  /** Until the last of them was permanent, from the moment when the large one had its receipt. */
  readonly seconds: number;
}

const COUNT = 20;
const BYTES = 10_000;

/** Uploads some small items and follows them to the end. */
export async function sendSmallItems(uploadUrl: string): Promise<SmallItems> {
  const begun = performance.now();
  const client = new BundlerClient({ uploadUrl });
  const signer = ethereumSigner(randomBytes(32).toString('hex'));
  const ids: string[] = [];
  for (let index = 0; index < COUNT; index += 1) ids.push((await client.upload(randomBytes(BYTES), { signer })).id);
  for (const id of ids) await client.waitFor(id, 'permanent');
  return { count: COUNT, seconds: (performance.now() - begun) / 1000 };
}
