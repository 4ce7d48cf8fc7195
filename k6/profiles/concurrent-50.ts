import { crowd, type Load, type Profile } from './profile.ts';

/** The plan's first load test: fifty uploads of 1 KiB at once. */
export const concurrent50 = ({ size }: Load): Profile => ({
  corpus: { mix: 'one-kib' },
  scenarios: { uploads: crowd(50, size === 'short' ? 2 : 20) },
});
