import type { ArweaveJwk } from '@bundler/ans104';
import { runChild } from '../child.ts';
import type { LoadEvent, LoadInput, LoadResult } from '../children/load-tool.ts';
import type { SigningRate } from '../children/signing-rate.ts';
import type { BenchOptions } from '../options.ts';
import { measureSigningRate } from '../system/signing.ts';

/** What all parts of one run share. */
export interface Bench {
  readonly options: BenchOptions;
  /** The key of the platform's wallet and of whoever uploads RSA items. */
  readonly jwk: ArweaveJwk;
  /** S as measured so far. */
  readonly signing: SigningRate[];
  /** Prints a line of figures. */
  print(line: string): void;
  /** Shows what is under way; replaced by the next. */
  show(text: string): void;
}

const SIGNING_SECONDS = 3;
/** Where uploads go. */
export const UPLOAD_PATH = '/v1/tx';

/** Measures S once more. Nothing else may be at work. */
export async function measureSigning(bench: Bench): Promise<SigningRate> {
  bench.show('measuring signatures per second');
  const rate = await measureSigningRate(bench.jwk, SIGNING_SECONDS);
  bench.signing.push(rate);
  bench.print(
    `S, RSA-4096-PSS signatures per second over all cores: ${rate.perSecond.toFixed(0)} (${rate.cpuMs.toFixed(2)} ms CPU each)`,
  );
  return rate;
}

/** What a part does while the load tool works. */
export interface LoadMoments {
  /** The items are signed. */
  readonly onReady?: () => Promise<void>;
  readonly onMeasuring?: () => void;
  readonly onMeasured?: () => void;
}

/** Runs the load tool in a process of its own. */
export function runLoad(bench: Bench, name: string, input: LoadInput, moments: LoadMoments = {}): Promise<LoadResult> {
  const { count } = input.corpus;
  return runChild<LoadResult, LoadEvent>(new URL('../children/load-tool.ts', import.meta.url), input, {
    onReady: async () => {
      await moments.onReady?.();
      bench.show(`${name}: running`);
    },
    onEvent: (event) => {
      if (event === 'measuring') moments.onMeasuring?.();
      else if (event === 'measured') moments.onMeasured?.();
      else bench.show(`${name}: signed ${event.made} of ${count}`);
    },
  });
}

/** More receipts a second than can be signed, for so many items are made: S differs from minute to minute. */
export function mostSigned(bench: Bench): number {
  return Math.max(...bench.signing.map(({ perSecond }) => perSecond)) * 1.25;
}
