import { createHash } from 'node:crypto';

/** The address of an owner key given in base64url: base64url of its SHA-256. */
export function addressOf(owner: string): string {
  return createHash('sha256').update(Buffer.from(owner, 'base64url')).digest('base64url');
}
