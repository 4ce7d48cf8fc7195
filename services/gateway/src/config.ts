import { isId } from './base64url.ts';
import type { GatewayOptions } from './gateway.ts';

/** Winston an address is to have at least when the gateway starts. */
export interface Mint {
  readonly address: string;
  readonly winston: bigint;
}

/** What the process is told by its environment. */
export interface GatewayConfig {
  readonly options: GatewayOptions;
  readonly mints: readonly Mint[];
}

/**
 * Reads `GATEWAY_PORT` (1984), `GATEWAY_HOST` (127.0.0.1), `GATEWAY_DATA_DIR` (.data/gateway),
 * `GATEWAY_BLOCK_INTERVAL_MS` (1000; 0 mines on demand only) and `GATEWAY_MINT` (`address:winston`, comma-separated).
 *
 * @throws Error that names the variable and what it should be.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): GatewayConfig {
  return {
    options: {
      port: wholeNumber(env, 'GATEWAY_PORT', 1984, 65_535),
      host: env['GATEWAY_HOST'] || '127.0.0.1',
      dataDir: env['GATEWAY_DATA_DIR'] || '.data/gateway',
      blockIntervalMs: wholeNumber(env, 'GATEWAY_BLOCK_INTERVAL_MS', 1000, 86_400_000),
    },
    mints: (env['GATEWAY_MINT'] ?? '').split(',').filter(Boolean).map(parseMint),
  };
}

function wholeNumber(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  fallback: number,
  max: number,
): number {
  const text = env[name] || String(fallback);
  if (/^\d{1,9}$/.test(text) && Number(text) <= max) return Number(text);
  throw new Error(`${name}=${text}: expected a whole number from 0 to ${max}`);
}

function parseMint(text: string): Mint {
  const [address = '', winston = ''] = text.trim().split(':');
  if (isId(address) && /^\d{1,38}$/.test(winston)) return { address, winston: BigInt(winston) };
  throw new Error(`GATEWAY_MINT has "${text}": expected address:winston, the address being 43 characters of base64url`);
}
