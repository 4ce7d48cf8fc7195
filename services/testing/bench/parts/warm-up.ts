import type { ArweaveJwk } from '@bundler/ans104';
import type { Stack } from '../system/stack.ts';
import { type Bench, mostSigned, runLoad, UPLOAD_PATH } from './bench.ts';

const CONNECTIONS = 50;
const PAYLOAD_BYTES = 1024;
/** So many warm-ups of one level: code that runs the first time is an order of magnitude slower. */
const LEVELS = 2.5;

/** Brings the processes of a new platform to their speed, with items that nobody measures, of this wallet if one is given. */
export async function warmUpStack(bench: Bench, stack: Stack, jwk?: ArweaveJwk): Promise<void> {
  const seconds = bench.options.warmUpSeconds * LEVELS;
  await runLoad(bench, 'warm-up', {
    corpus: {
      signer: jwk === undefined ? 'ed25519' : 'rsa',
      jwk: jwk ?? bench.jwk,
      payloadBytes: PAYLOAD_BYTES,
      count: Math.ceil(mostSigned(bench) * seconds),
    },
    loop: {
      kind: 'closed',
      urls: stack.uploadUrls,
      path: UPLOAD_PATH,
      connections: CONNECTIONS,
      warmUpSeconds: 0,
      seconds,
    },
    wallet: undefined,
  });
}
