import type { Info, ItemStatus, Progress, Receipt } from '@bundler/contract';
import { BundlerError, ItemFailedError } from './errors.ts';
import { defaultTransport, errorOf, jsonOf, send, type Transport } from './http.ts';
import { type PartsOptions, uploadInParts } from './parts.ts';
import { addressOf, isReceiptSigned } from './receipt.ts';
import type { ItemSigner, Tag } from './signers.ts';
import { type TrackOptions, trackUpload } from './track.ts';
import { type WaitOptions, waitUntilPermanent } from './wait.ts';
import { fetchTellingSent } from './xhr.ts';

export interface BundlerClientOptions extends Partial<Transport> {
  /** Where the upload service is, such as `http://127.0.0.1:3001`. */
  readonly uploadUrl: string;
  /** Where items are read from; only `download` needs it. */
  readonly gatewayUrl?: string;
}

export interface SendOptions {
  /** Called with the bytes of the item that have left; in Node once, at the end. A repetition begins at 0 again. */
  readonly onSent?: (byteCount: number) => void;
  readonly signal?: AbortSignal;
}

export interface UploadOptions extends SendOptions {
  readonly signer: ItemSigner;
  readonly tags?: readonly Tag[];
}

/**
 * A client of the bundler: sign, upload, follow until permanent, read back. Requests are repeated a few times when
 * the service is busy or away; a signed item keeps its id, so uploading it twice is uploading it once.
 */
export class BundlerClient {
  readonly #uploadUrl: string;
  readonly #gatewayUrl: string | undefined;
  readonly #transport: Transport;

  constructor({ uploadUrl, gatewayUrl, ...transport }: BundlerClientOptions) {
    this.#uploadUrl = withoutSlash(uploadUrl);
    this.#gatewayUrl = gatewayUrl === undefined ? undefined : withoutSlash(gatewayUrl);
    this.#transport = { ...defaultTransport, ...transport };
  }

  /** Signs bytes and uploads the item, all in memory. @throws BundlerError when it is refused */
  async upload(bytes: Uint8Array, { signer, tags = [], ...sending }: UploadOptions): Promise<Receipt> {
    const item = await signer(bytes, tags);
    const receipt = await this.uploadSigned(item.bytes, sending);
    if (receipt.id !== item.id) {
      throw new BundlerError('upload', { status: 200, text: `item ${item.id} got the receipt of ${receipt.id}` });
    }
    return receipt;
  }

  /** Uploads a signed ANS-104 data item. @throws BundlerError when it is refused */
  async uploadSigned(item: Uint8Array, { onSent, signal }: SendOptions = {}): Promise<Receipt> {
    const headers = { 'content-type': 'application/octet-stream' };
    const call = { url: `${this.#uploadUrl}/v1/tx`, method: 'POST', headers, body: item, signal } as const;
    const fetch = onSent ? fetchTellingSent(this.#transport.fetch, onSent) : this.#transport.fetch;
    const answer = await send({ ...this.#transport, fetch }, call);
    // 202 is how some services of this protocol answer a duplicate.
    if (answer.status !== 200 && answer.status !== 202) throw await errorOf(this.#transport, call, answer);
    return jsonOf<Receipt>(call, answer);
  }

  /**
   * Uploads a signed item in parts, which may be resumed: for large items, and for connections that break. A Blob may be
   * a file, of which only the parts that are being sent are in memory.
   *
   * @throws BundlerError when it is refused, WaitTimeoutError, or the signal's reason
   */
  uploadSignedInParts(item: Blob, options: PartsOptions = {}): Promise<Receipt> {
    return uploadInParts(item, `${this.#uploadUrl}/v1/chunks/arweave`, this.#transport, options);
  }

  /** What has become of an item; undefined when the service does not know it. */
  async status(id: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<ItemStatus | undefined> {
    const call = {
      url: `${this.#uploadUrl}/v1/tx/${encodeURIComponent(id)}/status`,
      cache: 'no-store',
      signal,
    } as const;
    const answer = await send(this.#transport, call);
    if (answer.ok) return jsonOf<ItemStatus>(call, answer);
    const error = await errorOf(this.#transport, call, answer);
    if (answer.status === 404) return undefined;
    throw error;
  }

  /** What the service says of itself: version, addresses, gateway, free limit. */
  async info(): Promise<Info> {
    const call = { url: `${this.#uploadUrl}/v1/info` };
    const answer = await send(this.#transport, call);
    if (!answer.ok) throw await errorOf(this.#transport, call, answer);
    return jsonOf<Info>(call, answer);
  }

  /**
   * Follows an item until it is permanent; without options it asks every second for an hour.
   * @throws ItemFailedError, WaitTimeoutError, BundlerError, or the signal's reason
   */
  waitFor(id: string, _goal: 'permanent', options: WaitOptions = {}): Promise<ItemStatus> {
    return waitUntilPermanent(id, (signal) => this.status(id, { signal }), this.#transport, options);
  }

  /**
   * Follows an upload from its first byte until it is permanent, by the service's stream of events. It may begin before
   * the upload does, and outlives breaks of the connection and restarts of the service.
   *
   * @throws ItemFailedError, UnknownItemError, BundlerError for an id that is none, or the signal's reason
   */
  async trackUpload(id: string, options: TrackOptions = {}): Promise<Progress> {
    const url = `${this.#uploadUrl}/v1/upload/progress/${encodeURIComponent(id)}`;
    const last = await trackUpload(
      id,
      {
        transport: this.#transport,
        open: (lastEventId, signal) => {
          const headers = { accept: 'text/event-stream', ...(lastEventId ? { 'last-event-id': lastEventId } : {}) };
          return this.#transport.fetch(url, { headers, cache: 'no-store', ...(signal ? { signal } : {}) });
        },
        status: (signal) => this.status(id, { signal }),
      },
      options,
    );
    if (last.stage === 'failed') throw new ItemFailedError(id, last);
    return last;
  }

  /**
   * Whether this service signed the receipt: its signature holds, and its key is the one that `info` names.
   * To check a receipt of an earlier key, or without the service, use `isReceiptSigned` and `addressOf`.
   */
  async verifyReceipt(receipt: Receipt): Promise<boolean> {
    if (!(await isReceiptSigned(receipt))) return false;
    const { addresses } = await this.info();
    return (await addressOf(receipt.public)) === addresses.arweave;
  }

  /** An item's data from the gateway, as a response whose body can be streamed. @throws BundlerError when it is not there */
  async download(id: string): Promise<Response> {
    if (this.#gatewayUrl === undefined) throw new TypeError('download needs a gatewayUrl; give one to BundlerClient');
    const call = { url: `${this.#gatewayUrl}/${encodeURIComponent(id)}` };
    const answer = await send(this.#transport, call);
    if (!answer.ok) throw await errorOf(this.#transport, call, answer);
    return answer;
  }
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');
