import { hash } from 'node:crypto';

/** The address of any owner in Arweave's form, base64url of the SHA-256 of its bytes: 43 characters. */
export function normalizedAddress(owner: Uint8Array): string {
  return hash('sha256', owner, 'base64url');
}
