import { type Load, type Profile, steady } from './profile.ts';

/** So many uploads a second, one in twenty of them in parts. */
export const throughput =
  (perSecond: number) =>
  ({ size, scale }: Load): Profile => ({
    corpus: { mix: 'traffic' },
    scenarios: { uploads: steady(perSecond * scale, size === 'short' ? 20 : 1800) },
  });
