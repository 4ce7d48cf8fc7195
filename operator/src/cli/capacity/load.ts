import { parseBytes } from '@bundler/contract';
import { UsageError } from '../command.ts';

/** Uploads of one size: their bytes and their part of all uploads. */
export interface SizeShare {
  readonly bytes: number;
  readonly share: number;
}

/** What a platform is to bear. */
export interface Load {
  readonly uploadsPerSecond: number;
  /** Shares that sum up to 1. */
  readonly mix: readonly SizeShare[];
  /** To PostgreSQL and the object store, milliseconds. */
  readonly roundTripMs: number;
  /** To the Arweave gateway, milliseconds. */
  readonly gatewayRoundTripMs: number;
  /** CPU that one pod can use, cores like those of the bench. */
  readonly coresPerPod: number;
}

/** Mostly small, as bundlers see them. */
export const DEFAULT_MIX = '10Ki=90,1Mi=9,25Mi=1';

/** A mix as the command line writes it: sizes with their shares, which need not sum up to anything. @throws UsageError */
export function parseMix(text: string): SizeShare[] {
  const pairs = text.split(',').map((pair) => {
    const [size = '', share = ''] = pair.split('=');
    const bytes = parseBytes(size.trim());
    if (!bytes || !(Number(share) > 0))
      throw new UsageError(`a mix is sizes with their shares such as ${DEFAULT_MIX}, but got "${pair}"`);
    return { bytes, share: Number(share) };
  });
  const sum = pairs.reduce((total, { share }) => total + share, 0);
  return pairs.map(({ bytes, share }) => ({ bytes, share: share / sum }));
}
