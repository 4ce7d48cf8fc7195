import { createPayloadHash } from './deep-hash.ts';
import { DataItemError } from './errors.ts';
import { NUMBER_BYTES, OPTIONAL_FIELD_BYTES, TYPE_BYTES } from './header-layout.ts';
import { writeUnsigned } from './little-endian.ts';
import { signatureTypes } from './signatures/registry.ts';
import { signedMessage } from './signed-message.ts';
import type { Signer } from './signers/types.ts';
import { encodeTags, type Tag } from './tags.ts';

/** The parts of a new data item other than its payload. */
export interface DataItemOptions {
  signer: Signer;
  tags?: readonly Tag[];
  /** 32 bytes. */
  target?: Uint8Array;
  /** 32 bytes. */
  anchor?: Uint8Array;
}

/**
 * Makes and signs a data item.
 *
 * @returns the item in its binary form; its id is the SHA-256 of its signature
 * @throws DataItemError when a part has a wrong length or the tags pass a limit
 */
export async function createDataItem({ data, ...options }: DataItemOptions & { data: Uint8Array }): Promise<Buffer> {
  const signing = new DataItemSigning(options);
  signing.write(data);
  return Buffer.concat([await signing.finish(), data]);
}

/**
 * Makes and signs the header of a data item whose payload is too large to hold: it is read once, to be hashed. The
 * header followed by the same payload is the item.
 *
 * @throws DataItemError as `createDataItem`
 */
export async function createDataItemHeader({
  payload,
  ...options
}: DataItemOptions & { payload: AsyncIterable<Uint8Array> }): Promise<Buffer> {
  const signing = new DataItemSigning(options);
  for await (const chunk of payload) signing.write(chunk);
  return signing.finish();
}

/**
 * Signs a data item whose payload is pushed in as it arrives, in one pass and in constant memory: the payload goes through
 * SHA-384. How long the header will be is known before the first byte.
 *
 * @throws DataItemError as `createDataItem`
 */
export class DataItemSigning {
  readonly #payloadHash = createPayloadHash();
  readonly #signer: Signer;
  readonly #target: Uint8Array;
  readonly #anchor: Uint8Array;
  readonly #tagCount: number;
  readonly #rawTags: Buffer;
  #payloadByteCount = 0;

  constructor({ signer, target, anchor, tags = [] }: DataItemOptions) {
    const { ownerLength, name } = signatureTypes[signer.signatureType];
    if (signer.owner.length !== ownerLength) {
      throw new DataItemError('invalid_owner', `an owner of ${signer.owner.length} bytes; ${name} has ${ownerLength}`);
    }
    this.#signer = signer;
    this.#target = checkOptional('target', target);
    this.#anchor = checkOptional('anchor', anchor);
    this.#tagCount = tags.length;
    this.#rawTags = encodeTags(tags);
  }

  /** Bytes of the header. */
  get headerLength(): number {
    const { signatureLength, ownerLength } = signatureTypes[this.#signer.signatureType];
    const optional = 2 + this.#target.length + this.#anchor.length;
    return TYPE_BYTES + signatureLength + ownerLength + optional + 2 * NUMBER_BYTES + this.#rawTags.length;
  }

  /** Takes the next piece of the payload, of any length; it is not kept. */
  write(chunk: Uint8Array): void {
    this.#payloadHash.update(chunk);
    this.#payloadByteCount += chunk.length;
  }

  /** Ends the payload. To be called once. @returns the signed header */
  async finish(): Promise<Buffer> {
    const { signatureType, owner } = this.#signer;
    const [target, anchor, rawTags] = [this.#target, this.#anchor, this.#rawTags];
    const fields = { signatureType, owner, target, anchor, rawTags };
    const message = signedMessage(fields, this.#payloadHash.digest(), this.#payloadByteCount);
    const numbers = Buffer.alloc(2 * NUMBER_BYTES);
    writeUnsigned(numbers, 0, this.#tagCount);
    writeUnsigned(numbers, NUMBER_BYTES, rawTags.length);
    const type = Buffer.alloc(TYPE_BYTES);
    writeUnsigned(type, 0, signatureType);
    return Buffer.concat([
      type,
      await this.#signer.sign(message),
      owner,
      Buffer.from([target.length > 0 ? 1 : 0]),
      target,
      Buffer.from([anchor.length > 0 ? 1 : 0]),
      anchor,
      numbers,
      rawTags,
    ]);
  }
}

function checkOptional(field: 'target' | 'anchor', bytes: Uint8Array = Buffer.alloc(0)): Uint8Array {
  if (bytes.length === 0 || bytes.length === OPTIONAL_FIELD_BYTES) return bytes;
  const message = `a ${field} of ${bytes.length} bytes; it must have ${OPTIONAL_FIELD_BYTES} or none`;
  throw new DataItemError(`invalid_${field}`, message);
}
