import { generateJwk } from '@bundler/ans104';
import { runChild } from '../bench/child.ts';
import type { SigningRate, SigningRateInput } from '../bench/children/signing-rate.ts';

const SCRIPT = new URL('../bench/children/signing-rate.ts', import.meta.url);
const SECONDS = 2;
/**
 * A machine that signs so many receipts a second takes the plan's 200 uploads a second with its p99: docs/benchmark.md holds the
 * platform to its p99 at half of what the machine signs.
 */
const SIGNED_AT_FULL_RATE = 400;

export interface Calibration {
  /** RSA-4096-PSS signatures a second on all cores, with whatever else the machine does now. */
  readonly signaturesPerSecond: number;
  /** The share of the plan's rates that this machine is given. */
  readonly scale: number;
}

/** What rates this machine can be held to. Absolute ones are for machines that sign fast enough. */
export async function calibrate(): Promise<Calibration> {
  const input: SigningRateInput = { jwk: await generateJwk(), seconds: SECONDS };
  const { perSecond } = await runChild<SigningRate>(SCRIPT, input);
  return { signaturesPerSecond: Math.round(perSecond), scale: scaleOf(perSecond) };
}

/** The share of the plan's rates for a machine that signs so many receipts a second, in steps of a hundredth. */
export function scaleOf(signaturesPerSecond: number): number {
  return Math.max(0.01, Math.min(1, Math.floor((100 * signaturesPerSecond) / SIGNED_AT_FULL_RATE) / 100));
}
