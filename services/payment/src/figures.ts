import { collectTogether, type Metrics } from '@bundler/runtime';
import type { Kept } from './pricing/kept.ts';
import type { MoneyFigures } from './store/money-figures.ts';

/** What is read with a scrape counts for so long, milliseconds. */
const MAX_AGE_MS = 60_000;
/** To add up every transfer takes long, and what it would find is a defect that has no hurry of seconds. */
const AUDIT_AGE_MS = 15 * MAX_AGE_MS;

export interface MoneySources {
  readonly figures: () => Promise<MoneyFigures>;
  readonly differences: () => Promise<string>;
  readonly gatewayPrice: Pick<Kept<unknown>, 'current' | 'ageMs'>;
  readonly rates: Pick<Kept<unknown>, 'current' | 'ageMs' | 'isUsed'>;
}

/** Reads where the money is, and how old the prices are, when somebody scrapes. */
export function exportMoney({ differences, figures, gatewayPrice, rates }: MoneySources, metrics: Metrics): void {
  const { creditsHeld, ledgerImbalance, reservationAge, reservationsOpen } = metrics;
  const { outboxAge, outboxWaiting, topUpAge, topUps, topUpWinc, topUpsPending, x402Unclear } = metrics;
  let off: { readonly winc: number; readonly at: number } | undefined;

  async function readDifferences(): Promise<void> {
    const now = performance.now();
    if (!off || now - off.at >= AUDIT_AGE_MS) off = { winc: Number(await differences()), at: now };
    ledgerImbalance.set({ check: 'accounts' }, off.winc);
  }

  collectTogether(
    [
      creditsHeld,
      ledgerImbalance,
      outboxAge,
      outboxWaiting,
      reservationAge,
      reservationsOpen,
      topUpAge,
      topUps,
      topUpWinc,
      topUpsPending,
      x402Unclear,
    ],
    {
      maxAgeMs: MAX_AGE_MS,
      read: async () => {
        const { balances, outbox, reservations, sum, topUps: tokens, unclearX402 } = await figures();
        for (const { age, count, kind } of outbox) {
          outboxWaiting.set({ kind }, count);
          outboxAge.set({ kind }, age);
        }
        for (const { kind, winc } of balances) creditsHeld.set({ kind }, Number(winc));
        ledgerImbalance.set({ check: 'sum' }, Math.abs(Number(sum)));
        reservationsOpen.set(reservations.open);
        reservationAge.set(reservations.age);
        x402Unclear.set(unclearX402);
        topUps.reset();
        topUpWinc.reset();
        for (const { credited, failed, pending, pendingAge, token, winc } of tokens) {
          // The database's own counts: after the reset, these are their values.
          topUps.inc({ token, state: 'credited' }, credited);
          topUps.inc({ token, state: 'failed' }, failed);
          topUpWinc.inc({ token }, Number(winc));
          topUpsPending.set({ token }, pending);
          topUpAge.set({ token }, pendingAge);
        }
        await readDifferences();
      },
    },
  );
  collectTogether([metrics.priceAge], {
    maxAgeMs: MAX_AGE_MS,
    read: async () => {
      // A price that nobody has wanted for a while is old and no trouble: what cannot be had is.
      await gatewayPrice.current().catch(() => undefined);
      metrics.priceAge.set({ of: 'gateway' }, gatewayPrice.ageMs / 1000);
      if (!rates.isUsed) return;
      await rates.current().catch(() => undefined);
      metrics.priceAge.set({ of: 'rates' }, rates.ageMs / 1000);
    },
  });
}
