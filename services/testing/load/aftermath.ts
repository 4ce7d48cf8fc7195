import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verdict } from '@bundler/k6/junit';
import type { IndexRow } from '@bundler/upload/load-corpus';
import { Ledger } from '../src/chaos/ledger.ts';
import { until } from '../src/until.ts';

/** Locks of killed workers run out after 15 s and are looked for every 7.5 s; then come the confirmations. */
const PERMANENT_MS = 180_000;

interface Options {
  readonly databaseUrl: string;
  /** Directory of the corpus whose items were sent. */
  readonly corpus: string;
  /** How many items clients have receipts for. */
  readonly accepted: number;
}

/** Waits until every accepted item is permanent, and looks whether each of them is so in one bundle and no other. */
export async function everythingPermanent({ databaseUrl, corpus, accepted }: Options): Promise<Verdict[]> {
  const ledger = await Ledger.open(databaseUrl);
  try {
    const sent = new Set(
      (JSON.parse(await readFile(join(corpus, 'index.json'), 'utf8')) as IndexRow[]).map(([id]) => id),
    );
    const begun = performance.now();
    const settled = async (): Promise<boolean> =>
      Object.keys(await ledger.itemStates()).every((state) => state === 'permanent' || state === 'failed');
    const isSettled = await until(settled, PERMANENT_MS).then(
      () => true,
      () => false,
    );
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    const all = await ledger.items();
    const ours = all.filter(({ id }) => sent.has(id));
    const permanent = ours.filter(({ bundleState }) => bundleState === 'permanent');
    const [bundled, failed] = [await ledger.bundledItems(), all.filter(({ failedReason }) => failedReason !== null)];
    return [
      verdict('nothing stands still', isSettled, `${JSON.stringify(await ledger.itemStates())} after ${seconds} s`),
      verdict(
        'every item with a receipt is in a permanent bundle',
        permanent.length === accepted && ours.length === accepted,
        `${permanent.length} permanent of ${ours.length} that were sent and stored, ${accepted} receipts`,
      ),
      verdict(
        'every item is in one bundle and no other',
        bundled === all.length - failed.length,
        `bundles that did not fail hold ${bundled} items, ${all.length - failed.length} are to be in one`,
      ),
      verdict('no item failed', failed.length === 0, `${failed.length} failed`),
    ];
  } finally {
    await ledger.close();
  }
}

const verdict = (name: string, passed: boolean, detail: string): Verdict => ({ name, passed, detail });
