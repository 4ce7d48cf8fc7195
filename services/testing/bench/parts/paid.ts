import { generateJwk } from '@bundler/ans104';
import { PaymentLedger } from '../../src/payment-ledger.ts';
import { median } from '../load/percentile.ts';
import { figure } from '../report/format.ts';
import { paidOfFree, perUpload } from '../report/per-upload.ts';
import { addressOfKey } from '../system/backends.ts';
import { withStack } from '../system/stack.ts';
import type { Bench } from './bench.ts';
import { KIB, measureLevel, type UploadLevel } from './uploads.ts';
import { warmUpStack } from './warm-up.ts';

/** The same items in turns by somebody for whom they are free and by somebody who pays. */
export interface PaidResult {
  readonly free: readonly UploadLevel[];
  readonly paid: readonly UploadLevel[];
}

const LEVEL = { signer: 'rsa', payloadBytes: KIB, connections: 50 } as const;
const ROUNDS = 3;
/** More than a bench can spend. */
const FUNDS = 10n ** 18n;

/** 1 KiB RSA items, closed loop, nothing of them free by its size. */
export async function measurePaid(bench: Bench): Promise<PaidResult> {
  const { apis, workers } = bench.options;
  const payer = await generateJwk();
  const env = { FREE_UPLOAD_LIMIT: '0', ALLOW_LISTED_ADDRESSES: addressOfKey(bench.jwk) };
  return withStack({ jwk: bench.jwk, apis, workers, env, payment: true }, async (stack) => {
    const ledger = await PaymentLedger.open(stack.backends.paymentDatabaseUrl);
    try {
      await ledger.credit(addressOfKey(payer), FUNDS);
      await warmUpStack(bench, stack, bench.jwk);
      await warmUpStack(bench, stack, payer);
      const [free, paid]: [UploadLevel[], UploadLevel[]] = [[], []];
      for (let round = 0; round < ROUNDS; round += 1) {
        free.push(await measureLevel(bench, stack, LEVEL));
        paid.push(await measureLevel(bench, stack, { ...LEVEL, jwk: payer }));
      }
      await ledger.requireBalanced();
      bench.print(`free: ${describeLevels(free)}`);
      bench.print(`paid: ${describeLevels(paid)}, ${figure(paidOfFree({ free, paid }))} of free`);
      return { free, paid };
    } finally {
      await ledger.close();
    }
  });
}

function describeLevels(levels: readonly UploadLevel[]): string {
  const each = levels.map(perUpload);
  const cpu = Object.keys(levels[0]!.cpu).map(
    (part) => `${part} ${figure(median(each.map(({ cpuMsByPart }) => cpuMsByPart[part]!)))}`,
  );
  const groupSize = figure(median(levels.map((level) => level.groupSize)));
  return `${describe(each.map(({ perSecond }) => perSecond))} uploads/s, groups of ${groupSize}, CPU of one in ms: ${cpu.join(', ')}`;
}

const describe = (rates: readonly number[]): string =>
  `${median(rates).toFixed(0)} (${rates.map((rate) => rate.toFixed(0)).join(' ')})`;
