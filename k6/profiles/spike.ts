import { type Load, type Profile, ramp, steady } from './profile.ts';

/** Thirty times the load within ten seconds, and back. `after` begins when what was shed may have been forgotten. */
export const spike = ({ size, scale }: Load): Profile => {
  const [stay, forget, watch] = size === 'short' ? [5, 10, 10] : [30, 60, 60];
  const up = [10, stay, 10].reduce((sum, seconds) => sum + seconds);
  const stages = [
    { to: 300 * scale, seconds: 10 },
    { to: 300 * scale, seconds: stay },
    { to: 10 * scale, seconds: 10 },
  ];
  return {
    corpus: { mix: 'cheap' },
    scenarios: { spike: ramp(10 * scale, stages), after: steady(10 * scale, watch, up + forget) },
  };
};
