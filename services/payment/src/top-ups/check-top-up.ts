import type { Logger } from '@bundler/runtime';
import { normalAddress } from '../access/addresses.ts';
import { type Chain, ChainUnavailable } from '../chains/chain.ts';
import { adjust } from '../ledger/adjust.ts';
import { judgeTopUp, type TopUpVerdict } from '../ledger/judge-top-up.ts';
import type { Prices } from '../pricing/prices.ts';
import type { Adjustments } from '../store/adjustments.ts';
import type { TopUp, TopUps } from '../store/top-ups.ts';

export interface CheckOptions {
  readonly chains: ReadonlyMap<string, Chain>;
  readonly topUps: Pick<TopUps, 'find' | 'keepPending' | 'credit' | 'fail' | 'takePending'>;
  readonly prices: Pick<Prices, 'worthOf'>;
  readonly adjustments: Pick<Adjustments, 'of'>;
  readonly excludedSenders: () => readonly string[];
  readonly logger: Logger;
}

/** How long a transaction may be unknown to its chain before it is given up, milliseconds. */
const LOST_AFTER_MS = 24 * 3_600_000;

/**
 * Asks a chain about a transaction and does what follows: credits it once, keeps it to be asked about again, or gives it
 * up. Asked by a client or by the clock, as often as anybody likes.
 *
 * @throws ChainUnavailable when it cannot be asked
 */
export async function checkTopUp(chain: Chain, id: string, options: CheckOptions): Promise<TopUpVerdict> {
  const { adjustments, excludedSenders, logger, prices, topUps } = options;
  const seen = await chain.find(id);
  const [worth, fees] = await Promise.all([prices.worthOf(chain), adjustments.of('top-up', chain.token)]);
  const verdict = judgeTopUp(seen, {
    wallet: chain.wallet,
    minConfirmations: chain.minConfirmations,
    excludedSenders: excludedSenders().map((address) => normalAddress(address) ?? address),
    worth: (quantity) => adjust(worth(quantity), fees).amount,
  });
  if (verdict.state === 'pending') await topUps.keepPending(chain.token, id, verdict.transaction, verdict.winc);
  if (verdict.state === 'refused') await topUps.fail(chain.token, id, verdict.fault);
  if (verdict.state === 'credit') {
    const isNew = await topUps.credit(chain.token, id, verdict.transaction, verdict.winc);
    if (isNew) logger.info({ token: chain.token, id, winc: String(verdict.winc), to: verdict.to }, 'credited');
  }
  return verdict;
}

/** Asks again about those that wait. One that cannot be asked about holds up no other. */
export async function checkPending(limit: number, options: CheckOptions): Promise<void> {
  const { chains, logger, topUps } = options;
  for (const waiting of await topUps.takePending(limit)) {
    const chain = chains.get(waiting.token);
    if (!chain) continue;
    await recheck(chain, waiting, options).catch((error: unknown) => {
      const level = error instanceof ChainUnavailable ? 'warn' : 'error';
      logger[level]({ err: error, token: waiting.token, id: waiting.transactionId }, 'pending top-up not checked');
    });
  }
}

async function recheck(chain: Chain, { ageMs, transactionId }: TopUp, options: CheckOptions): Promise<void> {
  const verdict = await checkTopUp(chain, transactionId, options);
  // A fresh one may just not have spread yet.
  if (verdict.state !== 'unknown' || ageMs < LOST_AFTER_MS) return;
  await options.topUps.fail(chain.token, transactionId, 'not_found');
  options.logger.warn({ token: chain.token, id: transactionId }, 'pending top-up given up: its chain does not know it');
}
