import { type Load, type Profile, shared } from './profile.ts';

/** Every type of signature, an upload in parts, and the routes that a client asks. */
export const smoke = ({ size }: Load): Profile => ({
  corpus: { mix: 'every-signature' },
  scenarios: {
    signatures: shared(4, size === 'short' ? 24 : 50),
    parts: shared(1, 1),
    routes: shared(1, 1),
  },
});
