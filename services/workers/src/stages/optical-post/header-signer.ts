import type { OpticalHeader } from '@bundler/adapters';
import { contentType, type DataItemHeader, deepHash, normalizedAddress } from '@bundler/ans104';

/** Signatures that are kept: the same headers go to several bridges, a little apart from each other. */
const KEPT = 5000;

/** Makes headers as bridges want them, and vouches for them with the bundler's key. */
export class HeaderSigner {
  readonly #signUnsalted: (message: Uint8Array) => Promise<Buffer>;
  readonly #signatures = new Map<string, Promise<string>>();

  /** @param signUnsalted signs as the bundler, without a salt */
  constructor(signUnsalted: (message: Uint8Array) => Promise<Buffer>) {
    this.#signUnsalted = signUnsalted;
  }

  /** The header of an item of `byteCount` bytes that was accepted at `uploadedAt`. */
  async sign(header: DataItemHeader, byteCount: number, uploadedAt: number): Promise<OpticalHeader> {
    const id = base64url(header.id);
    return {
      id,
      owner: base64url(header.owner),
      owner_address: normalizedAddress(header.owner),
      signature: base64url(header.signature),
      target: base64url(header.target),
      content_type: contentType(header) ?? '',
      tags: header.tags.map(({ name, value }) => ({
        name: base64url(Buffer.from(name)),
        value: base64url(Buffer.from(value)),
      })),
      data_size: byteCount - header.length,
      bundlr_signature: await this.#signature(id),
      uploaded_at: uploadedAt,
    };
  }

  #signature(id: string): Promise<string> {
    const known = this.#signatures.get(id);
    if (known) return known;
    const made = this.#signUnsalted(deepHash([Buffer.from(id)])).then(base64url);
    this.#signatures.set(id, made);
    // What failed is not to be kept: the next try must make another.
    made.catch(() => this.#signatures.delete(id));
    if (this.#signatures.size > KEPT) this.#signatures.delete(this.#signatures.keys().next().value!);
    return made;
  }
}

const base64url = (bytes: Buffer): string => bytes.toString('base64url');
