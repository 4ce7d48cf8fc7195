import type { Config, X402NetworkName } from '@bundler/contract';
import { HttpFacilitator } from './facilitator.ts';
import { X402, type X402Options } from './x402.ts';

type X402Config = Pick<Config, 'x402PayTo' | 'x402Networks' | 'x402Facilitator'>;

/** A client waits for it before it has sent its data, milliseconds. */
const VERIFY_MS = 4000;
/** A block has to be made, milliseconds. */
export const SETTLE_MS = 30_000;

/** Payments by x402, where they are taken. @throws Error when half of what they need is set */
export function openX402(
  config: X402Config,
  options: Omit<X402Options, 'payTo' | 'networks' | 'facilitator'>,
): X402 | undefined {
  if ((config.x402PayTo === '') !== (config.x402Facilitator === ''))
    throw new Error('X402_PAYMENT_ADDRESS and X402_FACILITATOR_URL have to be set together, or neither of them');
  if (config.x402PayTo === '') return undefined;
  return new X402({
    ...options,
    payTo: config.x402PayTo,
    networks: config.x402Networks as readonly X402NetworkName[],
    facilitator: new HttpFacilitator(config.x402Facilitator, { verifyMs: VERIFY_MS, settleMs: SETTLE_MS }),
  });
}
