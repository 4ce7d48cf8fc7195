/** The signature types of ANS-104 this package knows, as they stand on the wire. */
export type SignatureTypeId = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 101;

/** One signature scheme: its sizes on the wire, its check, and how its owners are named on their own chain. */
export interface SignatureType {
  readonly name: string;
  /** Bytes of the signature. */
  readonly signatureLength: number;
  /** Bytes of the owner, which is a public key or stands for one. */
  readonly ownerLength: number;
  /**
   * Checks a signature off the event loop. Bytes that are no signature or no key at all are simply not valid;
   * a rejection means that the check itself could not be made.
   *
   * @param message the deep hash of the data item, 48 bytes
   */
  verify(message: Uint8Array, signature: Uint8Array, owner: Uint8Array): Promise<boolean>;
  /** The owner's address in the form the balance is kept under. */
  nativeAddress(owner: Uint8Array): string;
}
