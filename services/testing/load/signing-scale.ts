import { loadavg } from 'node:os';
import { type ArweaveJwk, generateJwk } from '@bundler/ans104';
import { measureSigningRate } from '../bench/system/signing.ts';

const SECONDS = 2;
/**
 * A machine that signs so many receipts a second has room for the plan's 200 uploads a second with their p99, and for k6, the stores
 * and Prometheus beside them: a receipt is two thirds of the CPU that an upload costs, and 200 are a fifth of 1,000.
 */
const SIGNED_AT_FULL_RATE = 1000;

export interface Calibration {
  /** RSA-4096-PSS signatures a second on all cores, with whatever else the machine does now. */
  readonly signaturesPerSecond: number;
  /** Processes that ran or wanted to, on average over the minute before. */
  readonly loadAverage: number;
  /** The share of the plan's rates that this machine is given. */
  readonly scale: number;
}

let wallet: Promise<ArweaveJwk> | undefined;

/** What rates this machine can be held to now. Absolute ones are for machines that sign fast enough. */
export async function calibrate(): Promise<Calibration> {
  wallet ??= generateJwk();
  const loadAverage = Math.round(loadavg()[0]! * 10) / 10;
  const { perSecond } = await measureSigningRate(await wallet, SECONDS);
  return { signaturesPerSecond: Math.round(perSecond), loadAverage, scale: scaleOf(perSecond) };
}

/** The share of the plan's rates for a machine that signs so many receipts a second, in steps of a hundredth. */
export function scaleOf(signaturesPerSecond: number): number {
  return Math.max(0.01, Math.min(1, Math.floor((100 * signaturesPerSecond) / SIGNED_AT_FULL_RATE) / 100));
}
