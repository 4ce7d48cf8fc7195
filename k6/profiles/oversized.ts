import { type Load, type Profile, shared } from './profile.ts';

const MiB = 1024 * 1024;

/** An item above the size of a bundle, which is 8 MiB here unless the platform is somebody else's. */
export const oversized = (_: Load): Profile => ({
  corpus: { mix: 'cheap', payloadBytes: 9 * MiB },
  scenarios: { uploads: shared(1, 2) },
});
