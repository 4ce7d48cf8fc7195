import { hash } from 'node:crypto';
import { createPayloadHash } from './deep-hash.ts';
import { DataItemError } from './errors.ts';
import { type DataItemHeader, parseDataItemHeader, readHeader } from './header.ts';
import { findHeader, MAX_HEADER_BYTES } from './header-layout.ts';
import { signatureTypes } from './signatures/registry.ts';
import { signedMessage } from './signed-message.ts';

/** What became of a whole data item. */
export interface VerifiedDataItem {
  header: DataItemHeader;
  /** Bytes of the header and the payload. */
  byteCount: number;
  payloadByteCount: number;
  /** Whether the owner signed exactly these bytes. */
  valid: boolean;
}

/**
 * Verifies a data item whose bytes are pushed in as they arrive, in one pass and in constant memory: only the header
 * is kept; the payload goes through SHA-384. Its length need not be known before, because in the deep hash the length
 * of a blob has a hash of its own.
 */
export class DataItemVerifier {
  readonly #payloadHash = createPayloadHash();
  /** The bytes before the header is complete; it never grows beyond the longest header and one piece. */
  #pending = Buffer.alloc(0);
  #header: DataItemHeader | undefined;
  #byteCount = 0;

  /** The header, as soon as enough has been written; a copy, so the pieces may be used again. */
  get header(): DataItemHeader | undefined {
    return this.#header;
  }

  /** Bytes written so far. */
  get byteCount(): number {
    return this.#byteCount;
  }

  /**
   * Takes the next piece, of any length; it is not kept.
   *
   * @throws DataItemError as soon as the bytes cannot become a data item
   */
  write(chunk: Uint8Array): void {
    this.#byteCount += chunk.length;
    if (this.#header === undefined) this.#writeHeader(chunk);
    else this.#payloadHash.update(chunk);
  }

  /**
   * Ends the item and checks its signature off the event loop. To be called once.
   *
   * @throws DataItemError `truncated` when the header is not complete
   */
  async finish(): Promise<VerifiedDataItem> {
    if (this.#header === undefined) throw truncated(this.#byteCount);
    return judge(this.#header, this.#payloadHash.digest(), this.#byteCount);
  }

  #writeHeader(chunk: Uint8Array): void {
    const carried = this.#pending.length;
    // At most one longest header is ever copied from a piece, however long the piece is.
    const bytes = Buffer.concat([this.#pending, chunk.subarray(0, MAX_HEADER_BYTES - carried)]);
    const layout = findHeader(bytes);
    if (layout === undefined) {
      this.#pending = bytes;
      return;
    }
    this.#header = readHeader(Buffer.from(bytes.subarray(0, layout.length)), layout);
    this.#pending = Buffer.alloc(0);
    this.#payloadHash.update(chunk.subarray(layout.length - carried));
  }
}

/**
 * Verifies a data item that is whole in memory, without copying it. It hashes on the event loop (about 1.2 ms per MiB):
 * for small items; larger ones go through `DataItemVerifier`.
 *
 * @throws DataItemError when the bytes are not a data item
 */
export async function verifyDataItem(bytes: Uint8Array): Promise<VerifiedDataItem> {
  const header = parseDataItemHeader(bytes);
  if (header === undefined) throw truncated(bytes.length);
  return judge(header, hash('sha384', bytes.subarray(header.length), 'buffer'), bytes.length);
}

async function judge(header: DataItemHeader, payloadDigest: Buffer, byteCount: number): Promise<VerifiedDataItem> {
  const payloadByteCount = byteCount - header.length;
  const message = signedMessage(header, payloadDigest, payloadByteCount);
  const valid = await signatureTypes[header.signatureType].verify(message, header.signature, header.owner);
  return { header, byteCount, payloadByteCount, valid };
}

function truncated(byteCount: number): DataItemError {
  return new DataItemError('truncated', `the data item ends after ${byteCount} bytes, before its header does`);
}
