import { type Load, type Profile, shared } from './profile.ts';

const MiB = 1024 * 1024;

/** One large item in parts of 25 MB, five at a time, as the SDK sends it. */
export const large = ({ size }: Load): Profile => ({
  corpus: { mix: 'cheap', payloadBytes: (size === 'short' ? 64 : 1024) * MiB },
  scenarios: { parts: shared(1, 1) },
});
