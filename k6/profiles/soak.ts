import { type Load, type Profile, steady } from './profile.ts';

/** A day's ordinary load, an hour of it. */
export const soak = ({ size, scale }: Load): Profile => ({
  corpus: { mix: 'traffic' },
  scenarios: { uploads: steady(30 * scale, size === 'short' ? 60 : 3600) },
});
