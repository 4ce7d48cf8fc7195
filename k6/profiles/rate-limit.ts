import { type Load, type Profile, shared } from './profile.ts';

/** The plan's third load test: 110 uploads of one address, of which 100 may pass. Then again with a key, and in parts. */
export const rateLimit = (_: Load): Profile => ({
  corpus: { mix: 'cheap' },
  scenarios: {
    address: shared(1, 1, 0, 110),
    key: shared(1, 1, 0, 120),
    parts: shared(1, 1),
  },
});
