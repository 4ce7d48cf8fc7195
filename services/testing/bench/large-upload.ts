/**
 * Uploads two large items, one after the other, to a platform of its own, and prints how fast that was and how much the
 * processes grew that touched their bytes: in parts as the SDK sends them, by one POST, or unsigned by one POST. Asserts nothing. It
 * takes as much disk as the items, and gives it back.
 *
 *   node services/testing/bench/large-upload.ts [--by parts|post|unsigned] [--mib 1024] [--rounds 2] [--store fs|s3]
 *     [--chunk-mib 5] [--concurrency 5]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generateJwk } from '@bundler/ans104';
import { findS3 } from '../src/s3-server.ts';
import { runChild } from './child.ts';
import type { LargePartsInput, LargePartsResult } from './children/large-parts.ts';
import type { LargePostsInput, LargePostsResult } from './children/large-posts.ts';
import { mib } from './report/format.ts';
import { type MemoryGrowth, totalGrowth, watchMemory } from './system/memory.ts';
import { type Stack, stopAllStacks, withStack } from './system/stack.ts';

const MIB = 1024 * 1024;
const WARM_UP_MIB = 16;
/** Of all processes together: what `Large uploads` may cost whatever their size. */
const GOAL_MIB = 64;

const { values } = parseArgs({
  options: {
    by: { type: 'string', default: 'parts' },
    mib: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '2' },
    'chunk-mib': { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '5' },
    store: { type: 'string', default: 'fs' },
  },
});
const [size, rounds, chunk, concurrency] = [values.mib, values.rounds, values['chunk-mib'], values.concurrency].map(
  Number,
) as [number, number, number, number];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAllStacks().finally(() => process.exit(1)));
}

const jwk = await generateJwk();
const s3 = values.store === 's3' ? await openS3() : undefined;
const directory = await mkdtemp(join(tmpdir(), 'bundler-large-upload-'));
const rawWallet = join(directory, 'raw-wallet.json');
await writeFile(rawWallet, JSON.stringify(jwk));
const env = {
  // Items stay unbundled meanwhile: what bundles cost is measured elsewhere.
  OVERDUE_DATA_ITEM_THRESHOLD_MS: '3600000',
  RAW_DATA_UPLOADS_ENABLED: 'true',
  RAW_DATA_WALLET_FILE: rawWallet,
  ...s3?.env,
};

/** Uploads an item. @returns what to print of it */
type Upload = (stack: Stack, payloadMib: number, onReady: () => Promise<void>) => Promise<string[]>;

const ways: Readonly<Record<string, Upload>> = { parts: inParts, post: byPost(false), unsigned: byPost(true) };
const upload = ways[values.by];
if (!upload) throw new Error(`--by must be one of ${Object.keys(ways).join(', ')}`);

try {
  await withStack({ jwk, apis: 1, workers: 0, env }, async (stack) => {
    const worker = await stack.startWorker('all');
    await upload(stack, WARM_UP_MIB, async () => undefined);
    console.log(`${size} MiB, by: ${values.by}, store: ${values.store}`);
    for (let round = 1; round <= rounds; round += 1) {
      let watch = (): MemoryGrowth[] => [];
      const lines = await upload(stack, size, async () => {
        watch = watchMemory([...stack.apis, worker]);
      });
      const growth = watch();
      const each = growth.map(({ name, baseline, peak }) => `${name} ${mib(baseline)} to ${mib(peak)}`);
      console.log(`upload ${round} of ${rounds}`);
      for (const line of lines) console.log(`  ${line}`);
      console.log(`  memory growth: ${mib(totalGrowth(growth))} MiB (${each.join(', ')}); the goal is ${GOAL_MIB}`);
    }
  });
} finally {
  await s3?.close();
  await rm(directory, { recursive: true, force: true });
}

async function inParts(stack: Stack, payloadMib: number, onReady: () => Promise<void>): Promise<string[]> {
  const input: LargePartsInput = {
    url: stack.uploadUrls[0]!,
    payloadBytes: payloadMib * MIB,
    chunkBytes: chunk * MIB,
    concurrency,
    jwk,
  };
  const child = new URL('./children/large-parts.ts', import.meta.url);
  const { byteCount, finalizeSeconds, parts, sendSeconds } = await runChild<LargePartsResult>(child, input, {
    onReady,
  });
  return [
    `${parts} parts of ${chunk} MiB, ${concurrency} at a time, made durable: ${rate(byteCount, sendSeconds)}`,
    `verified and accepted: ${rate(byteCount, finalizeSeconds)}`,
    `from the first byte to the receipt: ${rate(byteCount, sendSeconds + finalizeSeconds)}`,
  ];
}

function byPost(unsigned: boolean): Upload {
  return async (stack, payloadMib, onReady) => {
    const url = `${stack.uploadUrls[0]!}/v1/${unsigned ? 'x402/upload/unsigned' : 'tx'}`;
    const input: LargePostsInput = { urls: [url], payloadBytes: payloadMib * MIB, jwk, unsigned };
    const child = new URL('./children/large-posts.ts', import.meta.url);
    const { byteCount, seconds } = await runChild<LargePostsResult>(child, input, { onReady });
    return [`from the first byte to the receipt: ${rate(byteCount, seconds)}`];
  };
}

function rate(byteCount: number, seconds: number): string {
  return `${(byteCount / 1e6 / seconds).toFixed(0)} MB/s in ${seconds.toFixed(1)} s`;
}

/** A real S3 server, and the settings that lead to it. */
async function openS3() {
  const source = await findS3(process.env, console.error);
  if (source.missing !== undefined) throw new Error(source.missing);
  const server = await source.open();
  const { accessKeyId, bucket, endpoint, region, secretAccessKey } = server.options;
  return {
    close: () => server.close(),
    env: {
      OBJECT_STORE: 's3',
      S3_ENDPOINT: endpoint,
      S3_REGION: region,
      S3_BUCKET: bucket,
      S3_FORCE_PATH_STYLE: 'true',
      S3_ACCESS_KEY_ID: accessKeyId,
      S3_SECRET_ACCESS_KEY: secretAccessKey,
    },
  };
}
