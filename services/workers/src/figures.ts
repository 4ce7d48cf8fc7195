import type { ArweaveNetwork, PipelineFigures, Settlements } from '@bundler/adapters';
import { openStates } from '@bundler/contract';
import { collectTogether, type Metrics } from '@bundler/runtime';

/** What is read with a scrape counts for so long, milliseconds: it costs PostgreSQL and the gateway something. */
const MAX_AGE_MS = 60_000;

/** Reads from PostgreSQL where everything is when somebody scrapes. */
export function exportPipeline(read: () => Promise<PipelineFigures>, metrics: Metrics): void {
  const { dataItems, bundles, dataItemStateAge, itemsUnaccounted } = metrics;
  collectTogether([dataItems, bundles, dataItemStateAge, itemsUnaccounted], {
    maxAgeMs: MAX_AGE_MS,
    read: async () => {
      const { failed, open, unaccounted, waiting } = await read();
      for (const state of openStates) {
        const { items, ageSeconds } = (state === 'new' ? waiting : open.get(state)) ?? { items: 0, ageSeconds: 0 };
        dataItems.set({ state }, items);
        dataItemStateAge.set({ state }, ageSeconds);
        if (state !== 'new') bundles.set({ state }, open.get(state)?.bundles ?? 0);
      }
      dataItems.set({ state: 'failed' }, failed.items);
      bundles.set({ state: 'failed' }, failed.bundles);
      itemsUnaccounted.set(unaccounted);
    },
  });
}

const WINSTON_PER_AR = 10 ** 12;

/** Asks the gateway what the wallet owns when somebody scrapes. */
export function exportBalance(network: Pick<ArweaveNetwork, 'balance'>, wallet: string, metrics: Metrics): void {
  collectTogether([metrics.walletBalance], {
    maxAgeMs: MAX_AGE_MS,
    // As a number of winston it would have lost its last digits; as one of AR nobody misses them.
    read: async () => metrics.walletBalance.set({ wallet }, Number(await network.balance(wallet)) / WINSTON_PER_AR),
  });
}

/** Reads from PostgreSQL what the payment service is still to be told when somebody scrapes. */
export function exportOutbox(settlements: Pick<Settlements, 'waiting'>, metrics: Metrics): void {
  const { outboxAge, outboxWaiting } = metrics;
  collectTogether([outboxAge, outboxWaiting], {
    maxAgeMs: MAX_AGE_MS,
    read: async () => {
      for (const [kind, { ageSeconds, count }] of Object.entries(await settlements.waiting())) {
        outboxWaiting.set({ kind }, count);
        outboxAge.set({ kind }, ageSeconds);
      }
    },
  });
}
