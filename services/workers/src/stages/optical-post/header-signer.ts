import { constants, hash, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { OpticalHeader, Wallet } from '@bundler/adapters';
import { contentType, type DataItemHeader, deepHash } from '@bundler/ans104';

const signAsync = promisify(sign);

/** Signatures that are kept: the same headers go to several bridges, a little apart from each other. */
const KEPT = 5000;

/** Makes headers as bridges want them, and vouches for them with the bundler's key. */
export class HeaderSigner {
  readonly #wallet: Wallet;
  readonly #signatures = new Map<string, Promise<string>>();

  constructor(wallet: Wallet) {
    this.#wallet = wallet;
  }

  /** The header of an item of `byteCount` bytes that was accepted at `uploadedAt`. */
  async sign(header: DataItemHeader, byteCount: number, uploadedAt: number): Promise<OpticalHeader> {
    const id = base64url(header.id);
    return {
      id,
      owner: base64url(header.owner),
      owner_address: base64url(hash('sha256', header.owner, 'buffer')),
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
    const made = this.#make(id);
    this.#signatures.set(id, made);
    if (this.#signatures.size > KEPT) this.#signatures.delete(this.#signatures.keys().next().value!);
    return made;
  }

  async #make(id: string): Promise<string> {
    const signature = await signAsync('sha256', deepHash([Buffer.from(id)]), {
      key: this.#wallet.privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: 0,
    });
    return base64url(signature);
  }
}

const base64url = (bytes: Buffer): string => bytes.toString('base64url');
