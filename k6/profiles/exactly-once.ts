import { type Load, type Profile, shared } from './profile.ts';

/** Uploads while workers are killed. */
export const exactlyOnce = ({ size }: Load): Profile => ({
  corpus: { mix: 'traffic' },
  scenarios: {
    uploads: shared(10, size === 'short' ? 150 : 1000),
    kills: shared(1, size === 'short' ? 3 : 12, 1, 0),
  },
});
