import type { ArweaveJwk } from '@bundler/ans104';
import { settings } from '@bundler/contract';
import { runChild } from '../bench/child.ts';
import { UPLOAD_PATH } from '../bench/parts/bench.ts';
import { type MemoryGrowth, watchMemory } from '../bench/system/memory.ts';
import { type Stack, withStack } from '../bench/system/stack.ts';
import { BundlesOfItem, type OversizedBundle } from './bundles-of-item.ts';
import type { Read, ReaderInput } from './children/reader.ts';
import type { SenderInput, Sent } from './children/sender.ts';
import { Journey } from './journey.ts';
import { type SmallItems, sendSmallItems } from './small-items.ts';

/** Everything that a run has shown. */
export interface Proof {
  readonly sizeMib: number;
  readonly sent: Sent;
  readonly read: Read;
  /** The item's bundle at the end, and how far it was when its worker was killed. */
  readonly bundle: OversizedBundle;
  readonly killedAt: number;
  /** Seconds from the receipt until each state was seen. */
  readonly reached: Readonly<Record<string, number>>;
  readonly small: SmallItems;
  readonly memory: readonly MemoryGrowth[];
  /** Of all items of the run. */
  readonly chunkPosts: number;
  /** Where the gateway has the item. */
  readonly places: number;
}

const MIB = 1024 * 1024;
const sender = new URL('./children/sender.ts', import.meta.url);
const reader = new URL('./children/reader.ts', import.meta.url);

/** Takes an item of that size all the way on a platform of its own. */
export function prove(sizeMib: number, jwk: ArweaveJwk, print: (line: string) => void): Promise<Proof> {
  // Smaller runs have a smaller limit: what is proven is the same.
  const limit = Math.min(settings.maxBundleSize.default, Math.floor(sizeMib / 2) * MIB);
  const env = { VERIFY_INTERVAL_MS: '1000', MAX_BUNDLE_DATA_ITEMS_BYTE_COUNT: String(limit) };
  return withStack({ jwk, apis: 1, workers: 0, env }, async (stack) => {
    const bundles = await BundlesOfItem.open(stack.backends.databaseUrl);
    try {
      return await run(stack, bundles, { sizeMib, jwk, print });
    } finally {
      await bundles.close();
    }
  });
}

interface Run {
  readonly sizeMib: number;
  readonly jwk: ArweaveJwk;
  readonly print: (line: string) => void;
}

async function run(stack: Stack, bundles: BundlesOfItem, { sizeMib, jwk, print }: Run): Promise<Proof> {
  const [api, { gateway }] = [stack.apis[0]!, stack.backends];
  const watches = [watchMemory([{ ...api, name: 'upload API' }, gateway])];
  const watchedAs = (name: string) => ({
    onReady: async (pid: number) => void watches.push(watchMemory([{ name, pid }])),
  });
  const killed = await stack.startWorker('all');
  const endWatchOfKilled = watchMemory([{ ...killed, name: 'worker that was killed' }]);

  print(`signing and posting ${sizeMib} MiB`);
  const input: SenderInput = { url: api.url + UPLOAD_PATH, payloadBytes: sizeMib * MIB, jwk };
  const sent = await runChild<Sent>(sender, input, watchedAs('sender'));
  print(`receipt after ${sent.seconds.toFixed(1)} s; following ${sent.id}`);
  const journey = new Journey(() => bundles.last(sent.id));
  const small = sendSmallItems(api.url);

  const { seeded: killedAt, chunks } = await journey.until(
    ({ state, seeded, chunks }) => state === 'posted' && seeded >= chunks / 2,
  );
  const memoryOfKilled = endWatchOfKilled();
  await killed.stop();
  print(`killed the worker after ${killedAt} of ${chunks} chunks; another one takes over`);
  const second = await stack.startWorker('all');
  watches.push(watchMemory([{ ...second, name: 'worker that went on' }]));
  const bundle = await journey.until(({ state }) => state === 'permanent');
  print(`permanent after ${journey.reached.permanent!.toFixed(1)} s; reading it back`);

  const url = `${gateway.url}/${sent.id}`;
  const read = await runChild<Read>(reader, { url } satisfies ReaderInput, watchedAs('reader'));
  return {
    sizeMib,
    sent,
    read,
    killedAt,
    reached: journey.reached,
    bundle: { ...bundle, chunks },
    small: await small,
    memory: [...memoryOfKilled, ...watches.flatMap((end) => end())],
    ...(await seenByGateway(gateway.url, sent.id)),
  };
}

async function seenByGateway(url: string, id: string): Promise<Pick<Proof, 'chunkPosts' | 'places'>> {
  const read = async (path: string): Promise<unknown> => (await fetch(url + path)).json();
  const counts = (await read('/dev/requests')) as Record<string, { total: number }>;
  const places = (await read(`/dev/items/${id}`)) as unknown[];
  return { chunkPosts: counts['POST /chunk']?.total ?? 0, places: places.length };
}
