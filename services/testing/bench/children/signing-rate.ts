import { constants, createPrivateKey, sign } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import type { ArweaveJwk } from '@bundler/ans104';
import { asChild } from '../child.ts';

export interface SigningRateInput {
  readonly jwk: ArweaveJwk;
  readonly seconds: number;
}

export interface SigningRate {
  /** S. */
  readonly perSecond: number;
  /** CPU of one signature, milliseconds: less than cores/S says when others use the cores too. */
  readonly cpuMs: number;
}

const signAsync = promisify(sign);
const WARM_UP_SECONDS = 0.5;
/** With one for each core, a core waits each time for the event loop to ask for the next: that is a fifth less. */
const LANES_PER_CORE = 4;

/** S: RSA-4096-PSS signatures a second over all cores, made as receipts are. */
asChild(async ({ jwk, seconds }: SigningRateInput): Promise<SigningRate> => {
  const key = {
    key: createPrivateKey({ key: { ...jwk }, format: 'jwk' }),
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 0,
  };
  const signFor = async (duration: number): Promise<SigningRate> => {
    const before = process.cpuUsage();
    const start = performance.now();
    let count = 0;
    const lane = async (): Promise<void> => {
      while (performance.now() - start < duration * 1000) {
        await signAsync('sha256', Buffer.alloc(48, count), key);
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: LANES_PER_CORE * availableParallelism() }, lane));
    const { user, system } = process.cpuUsage(before);
    const perSecond = (count * 1000) / (performance.now() - start);
    return { perSecond, cpuMs: (user + system) / 1000 / count };
  };
  await signFor(WARM_UP_SECONDS);
  return signFor(seconds);
});
