import type { KeyObject } from 'node:crypto';

/**
 * Parsed public keys of the owners seen last, least recently used first.
 *
 * A `KeyObject` keeps OpenSSL's precomputed values, which saves a third of an RSA-4096 check (0.10 to 0.07 ms)
 * for owners that come again. Bounded, because owners are chosen by whoever uploads.
 */
export class PublicKeyCache {
  readonly #keys = new Map<string, KeyObject>();
  readonly #create: (owner: Buffer) => KeyObject;
  readonly #capacity: number;

  constructor(create: (owner: Buffer) => KeyObject, capacity: number) {
    this.#create = create;
    this.#capacity = capacity;
  }

  /** How many keys are held. */
  get size(): number {
    return this.#keys.size;
  }

  /** The key of this owner; throws what `create` throws for bytes that are no key. */
  get(owner: Uint8Array): KeyObject {
    const bytes = Buffer.from(owner.buffer, owner.byteOffset, owner.byteLength);
    const name = bytes.toString('latin1');
    const key = this.#keys.get(name) ?? this.#create(bytes);
    this.#keys.delete(name);
    this.#keys.set(name, key);
    if (this.#keys.size > this.#capacity) this.#dropOldest();
    return key;
  }

  #dropOldest(): void {
    const oldest = this.#keys.keys().next();
    if (oldest.done !== true) this.#keys.delete(oldest.value);
  }
}
