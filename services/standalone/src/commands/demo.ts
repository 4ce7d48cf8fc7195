import { createHash, randomBytes } from 'node:crypto';
import { arweaveSigner, BundlerClient, ethereumSigner, type ItemStatus } from '@bundler/client';
import { dataPaths, type Environment, type Options } from '../config/options.ts';
import { followItems } from '../demo/follow.ts';
import { requestCounts, writesBetween } from '../demo/gateway-view.ts';
import { openWallet } from '../services/wallet.ts';
import { up } from './up.ts';
import type { Print } from './wait-ready.ts';

const FILE_BYTES = 100 * 1024;
const TIMEOUT_MS = 180_000;
const DEFAULT_CONFIRMATIONS = 18;

interface Upload {
  readonly name: string;
  readonly file: Buffer;
  readonly id: string;
}

/** Starts the platform, takes two files all the way through it and back, and leaves it running. */
export async function demo(options: Options, env: Environment, print: Print): Promise<void> {
  const { urls, confirmations = DEFAULT_CONFIRMATIONS } = await up(options, env, print);
  const { gateway, upload: uploadUrl = '' } = urls;
  const client = new BundlerClient({ uploadUrl, gatewayUrl: gateway });
  const before = await requestCounts(gateway);
  print(`\nUploading two generated files of ${FILE_BYTES / 1024} KiB to ${uploadUrl}`);
  const uploads = await uploadFiles(client, dataPaths(options.dataDir).demoWallet, print);
  print('\nFollowing them until they are permanent');
  const follow = { client, gateway, confirmations, timeoutMs: TIMEOUT_MS, print };
  const statuses = await followItems(uploads, follow);
  print(`\nReading them back from ${gateway}`);
  for (const [index, upload] of uploads.entries()) {
    await readBack(client, { ...upload, status: statuses[index], gateway }, print);
  }
  const writes = writesBetween(before, await requestCounts(gateway));
  print(`\nAll that was written to the gateway meanwhile: ${writes.join(', ')}.`);
  print(`\nThe platform goes on running: uploads ${uploadUrl}, gateway ${gateway}. See "make status", "make down".`);
}

/** One file signed with an Arweave key, one with an Ethereum key; the receipts are checked. */
async function uploadFiles(client: BundlerClient, walletFile: string, print: Print): Promise<Upload[]> {
  const { jwk } = await openWallet(walletFile);
  const signers = [
    { name: 'Arweave', signer: arweaveSigner(jwk) },
    { name: 'Ethereum', signer: ethereumSigner(randomBytes(32).toString('hex')) },
  ];
  const uploads: Upload[] = [];
  for (const { name, signer } of signers) {
    const file = randomBytes(FILE_BYTES);
    const tags = [{ name: 'Content-Type', value: 'application/octet-stream' }];
    const receipt = await client.upload(file, { signer, tags });
    if (!(await client.verifyReceipt(receipt))) throw new Error(`The receipt of ${receipt.id} is not signed rightly`);
    print(`  ${name.padEnd(8)}  item ${receipt.id}, receipt verified, on chain by block ${receipt.deadlineHeight}`);
    uploads.push({ name, file, id: receipt.id });
  }
  return uploads;
}

type ReadBack = Upload & { readonly status: ItemStatus | undefined; readonly gateway: string };

async function readBack(
  client: BundlerClient,
  { name, file, id, status, gateway }: ReadBack,
  print: Print,
): Promise<void> {
  const response = await client.download(id);
  const sent = sha256(file);
  const received = sha256(Buffer.from(await response.arrayBuffer()));
  print(`  ${name}`);
  print(`    item      ${gateway}/${id}`);
  print(`    bundle    ${status?.bundleId ?? 'unknown'}`);
  print(`    sent      SHA-256 ${sent}`);
  print(`    received  SHA-256 ${received}  ${sent === received ? 'the same' : 'DIFFERENT'}`);
  if (sent !== received) throw new Error(`What the gateway answers for ${id} is not what was uploaded`);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
