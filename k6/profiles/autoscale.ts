import { type Load, type Profile, steady } from './profile.ts';

/** A burst that needs more workers, for a cluster with KEDA; the silence after it is the gate's. */
export const autoscale = ({ size, scale }: Load): Profile => ({
  corpus: { mix: 'cheap' },
  scenarios: { uploads: steady(200 * scale, size === 'short' ? 30 : 300) },
});
