import { type Load, type Profile, steady } from './profile.ts';

/** Half as much again as a machine can sign that takes the plan's rates, for as long as it takes to see that it refuses the rest early. */
export const stress = ({ size, scale }: Load): Profile => ({
  corpus: { mix: 'cheap' },
  scenarios: { uploads: steady(1200 * scale, size === 'short' ? 10 : 120) },
});
