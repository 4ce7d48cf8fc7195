import { type Load, type Profile, steady } from './profile.ts';

/** Twice what the machine can sign, for as long as it takes to see that it refuses the rest early. */
export const stress = ({ size, scale }: Load): Profile => ({
  corpus: { mix: 'cheap' },
  scenarios: { uploads: steady(800 * scale, size === 'short' ? 10 : 120) },
});
