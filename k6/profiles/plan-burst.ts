import { type Load, type Profile, shared } from './profile.ts';

/** A thousand items while nobody plans. */
export const planBurst = ({ size }: Load): Profile => ({
  corpus: { mix: 'cheap' },
  scenarios: { uploads: shared(20, size === 'short' ? 200 : 1000) },
});
