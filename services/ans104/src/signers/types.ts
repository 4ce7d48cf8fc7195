import type { SignatureTypeId } from '../signatures/types.ts';

/** Somebody who signs data items. */
export interface Signer {
  readonly signatureType: SignatureTypeId;
  /** What the item carries as its owner, in the length of the signature type. */
  readonly owner: Buffer;
  /** Signs the deep hash of a data item (48 bytes); a signature in the length of the type. */
  sign(message: Uint8Array): Promise<Buffer>;
}
