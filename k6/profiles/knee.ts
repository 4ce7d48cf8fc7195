import { type Load, type Profile, ramp } from './profile.ts';

/** Up to twice what the plan asks for, to find where it ends. */
export const knee = ({ size, scale }: Load): Profile => ({
  corpus: { mix: 'cheap' },
  scenarios: { uploads: ramp(20 * scale, [{ to: 400 * scale, seconds: size === 'short' ? 40 : 300 }]) },
});
