import type { ArweaveJwk } from '@bundler/ans104';
import { runChild } from '../child.ts';
import type { LoadEvent, LoadInput, LoadResult } from '../children/load-tool.ts';
import type { SigningRate, SigningRateInput } from '../children/signing-rate.ts';
import type { BenchOptions } from '../options.ts';

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

/** Measures S once more. Nothing else may run. */
export async function measureSigning(bench: Bench): Promise<void> {
  bench.show('measuring signatures per second');
  const input: SigningRateInput = { jwk: bench.jwk, seconds: SIGNING_SECONDS };
  const rate = await runChild<SigningRate>(new URL('../children/signing-rate.ts', import.meta.url), input);
  bench.signing.push(rate);
  bench.print(
    `S, RSA-4096-PSS signatures per second over all cores: ${rate.perSecond.toFixed(0)} (${rate.cpuMs.toFixed(2)} ms CPU each)`,
  );
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

/** The last S. */
export function currentSigning(bench: Bench): number {
  return bench.signing.at(-1)!.perSecond;
}

/** More receipts a second than can be signed, for so many items are made: S differs from minute to minute. */
export function mostSigned(bench: Bench): number {
  return Math.max(...bench.signing.map(({ perSecond }) => perSecond)) * 1.25;
}
