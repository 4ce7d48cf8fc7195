import { hash } from 'node:crypto';
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
  return Buffer.concat([await signHeader(options, hash('sha384', data, 'buffer'), data.length), data]);
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
  const payloadHash = createPayloadHash();
  let byteCount = 0;
  for await (const chunk of payload) {
    payloadHash.update(chunk);
    byteCount += chunk.length;
  }
  return signHeader(options, payloadHash.digest(), byteCount);
}

async function signHeader(options: DataItemOptions, payloadDigest: Buffer, payloadByteCount: number): Promise<Buffer> {
  const { signer, tags = [] } = options;
  const target = checkOptional('target', options.target);
  const anchor = checkOptional('anchor', options.anchor);
  const { signatureType, owner } = signer;
  const { ownerLength, name } = signatureTypes[signatureType];
  if (owner.length !== ownerLength) {
    throw new DataItemError('invalid_owner', `an owner of ${owner.length} bytes; ${name} has ${ownerLength}`);
  }
  const rawTags = encodeTags(tags);
  const message = signedMessage({ signatureType, owner, target, anchor, rawTags }, payloadDigest, payloadByteCount);
  const numbers = Buffer.alloc(2 * NUMBER_BYTES);
  writeUnsigned(numbers, 0, tags.length);
  writeUnsigned(numbers, NUMBER_BYTES, rawTags.length);
  const type = Buffer.alloc(TYPE_BYTES);
  writeUnsigned(type, 0, signatureType);
  return Buffer.concat([
    type,
    await signer.sign(message),
    owner,
    Buffer.from([target.length > 0 ? 1 : 0]),
    target,
    Buffer.from([anchor.length > 0 ? 1 : 0]),
    anchor,
    numbers,
    rawTags,
  ]);
}

function checkOptional(field: 'target' | 'anchor', bytes: Uint8Array = Buffer.alloc(0)): Uint8Array {
  if (bytes.length === 0 || bytes.length === OPTIONAL_FIELD_BYTES) return bytes;
  const message = `a ${field} of ${bytes.length} bytes; it must have ${OPTIONAL_FIELD_BYTES} or none`;
  throw new DataItemError(`invalid_${field}`, message);
}
