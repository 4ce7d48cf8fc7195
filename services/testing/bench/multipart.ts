/**
 * Uploads two large items in parts, one after the other, to a platform of its own, and prints how fast that was and how
 * much the processes grew that touched their bytes: the first fills what V8 lets lie around before it collects (some
 * 60 MiB of socket buffers, whatever the size), the second shows what is left to grow. Asserts nothing. It takes as much
 * disk as the items, and gives it back.
 *
 *   node services/testing/bench/multipart.ts [--mib 1024] [--chunk-mib 5] [--concurrency 5] [--store fs|s3]
 */
import { parseArgs } from 'node:util';
import { generateJwk } from '@bundler/ans104';
import { findS3 } from '../src/s3-server.ts';
import { runChild } from './child.ts';
import type { LargePartsInput, LargePartsResult } from './children/large-parts.ts';
import { mib } from './report/format.ts';
import { type MemoryGrowth, totalGrowth, watchMemory } from './system/memory.ts';
import { stopAllStacks, withStack } from './system/stack.ts';

const MIB = 1024 * 1024;
const WARM_UP_MIB = 16;
/** Of all processes together: what `Large uploads` may cost whatever their size. */
const GOAL_MIB = 64;

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    'chunk-mib': { type: 'string', default: '5' },
    concurrency: { type: 'string', default: '5' },
    store: { type: 'string', default: 'fs' },
  },
});
const [size, chunk, concurrency] = [values.mib, values['chunk-mib'], values.concurrency].map(Number) as [
  number,
  number,
  number,
];
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAllStacks().finally(() => process.exit(1)));
}

const jwk = await generateJwk();
const s3 = values.store === 's3' ? await openS3() : undefined;
// Items stay unbundled meanwhile: what bundles cost is measured elsewhere.
const env = { OVERDUE_DATA_ITEM_THRESHOLD_MS: '3600000', ...s3?.env };
try {
  await withStack({ jwk, apis: 1, workers: 0, env }, async (stack) => {
    const worker = await stack.startWorker('all');
    const upload = async (payloadMib: number): Promise<LargePartsResult & { growth: MemoryGrowth[] }> => {
      let watch = (): MemoryGrowth[] => [];
      const input: LargePartsInput = {
        url: stack.uploadUrls[0]!,
        payloadBytes: payloadMib * MIB,
        chunkBytes: chunk * MIB,
        concurrency,
        jwk,
      };
      const result = await runChild<LargePartsResult>(new URL('./children/large-parts.ts', import.meta.url), input, {
        onReady: async () => {
          watch = watchMemory([...stack.apis, worker]);
        },
      });
      return { ...result, growth: watch() };
    };
    await upload(WARM_UP_MIB);
    console.log(`${size} MiB in parts of ${chunk} MiB, ${concurrency} at a time, store: ${values.store}`);
    for (const round of ['first', 'second']) {
      const { byteCount, finalizeSeconds, growth, parts, sendSeconds } = await upload(size);
      const rate = (seconds: number): string =>
        `${(byteCount / 1e6 / seconds).toFixed(0)} MB/s in ${seconds.toFixed(1)} s`;
      const each = growth.map(({ name, baseline, peak }) => `${name} ${mib(baseline)} to ${mib(peak)}`);
      console.log(`${round} upload, ${parts} parts`);
      console.log(`  parts made durable: ${rate(sendSeconds)}`);
      console.log(`  verified and accepted: ${rate(finalizeSeconds)}`);
      console.log(`  from the first byte to the receipt: ${rate(sendSeconds + finalizeSeconds)}`);
      console.log(`  memory growth: ${mib(totalGrowth(growth))} MiB (${each.join(', ')}); the goal is ${GOAL_MIB}`);
    }
  });
} finally {
  await s3?.close();
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
