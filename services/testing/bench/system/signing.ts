import { availableParallelism } from 'node:os';
import type { ArweaveJwk } from '@bundler/ans104';
import { runChild } from '../child.ts';
import type { SigningRate, SigningRateInput } from '../children/signing-rate.ts';

const SCRIPT = new URL('../children/signing-rate.ts', import.meta.url);
/** Threads of Node's pool, unless it is told otherwise. */
const USUAL_THREADS = 4;

/** S of this machine now, in a process of its own with a thread for each core. */
export function measureSigningRate(jwk: ArweaveJwk, seconds: number): Promise<SigningRate> {
  const input: SigningRateInput = { jwk, seconds };
  const env = { UV_THREADPOOL_SIZE: String(Math.max(USUAL_THREADS, availableParallelism())) };
  return runChild<SigningRate>(SCRIPT, input, { env });
}
