import type { MultipartCreated, MultipartParts, MultipartStatus, Receipt } from '@bundler/contract';
import { BundlerError, WaitTimeoutError } from './errors.ts';
import { errorOf, jsonOf, send, type Transport } from './http.ts';

export interface PartsOptions {
  /** Id of an upload of the same item that did not come to its end: only what the service lacks is sent. */
  readonly resume?: string;
  /** Called with the upload's id before its first part is sent; keep it to resume the upload. */
  readonly onStart?: (uploadId: string) => void;
  /** Called whenever a part is durable: bytes of the item that are, and all of them. */
  readonly onProgress?: (stored: number, total: number) => void;
  /** Bytes of a part; the service says what it likes best. A resumed upload keeps its own. */
  readonly chunkSize?: number;
  /** Parts that are sent, and held in memory, at the same time. */
  readonly concurrency?: number;
  /** How long to wait for the receipt once all parts are sent, milliseconds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What is made of an upload whose parts have not all arrived. */
interface Open {
  readonly id: string;
  readonly chunkSize: number;
  /** Lengths by offset of the parts that are durable. */
  readonly stored: ReadonlyMap<number, number>;
}

const octets = { 'content-type': 'application/octet-stream' };
const firstPauseMs = 100;
const maxPauseMs = 4000;

/** Uploads one signed item in parts below `base`, which ends in the name of what is paid with. */
export async function uploadInParts(
  item: Blob,
  base: string,
  transport: Transport,
  options: PartsOptions,
): Promise<Receipt> {
  const { resume, signal, timeoutMs = 3_600_000 } = options;
  const ask = async <Value>(url: string): Promise<Value> => {
    const call = { url, signal };
    const answer = await send(transport, call);
    if (!answer.ok) throw await errorOf(transport, call, answer);
    return jsonOf<Value>(call, answer);
  };
  const post = async (url: string, body: Uint8Array): Promise<Response> => {
    const call = { url, method: 'POST', headers: octets, body, signal } as const;
    const answer = await send(transport, call);
    if (!answer.ok) throw await errorOf(transport, call, answer);
    return answer;
  };

  const assembling =
    resume === undefined || (await ask<MultipartStatus>(`${base}/${resume}/status`)).status === 'ASSEMBLING';
  const id = assembling ? await sendParts() : resume;
  const deadline = transport.now() + timeoutMs;
  const url = `${base}/${id}/status`;
  for (let pause = firstPauseMs; ; pause = Math.min(2 * pause, maxPauseMs)) {
    const { status, receipt } = await ask<MultipartStatus>(url);
    if (receipt) return receipt;
    if (status !== 'VALIDATING' && status !== 'FINALIZING') {
      throw new BundlerError(`POST ${url}`, { status: status === 'UNDERFUNDED' ? 402 : 400, text: status });
    }
    if (transport.now() + pause > deadline) throw new WaitTimeoutError(id, timeoutMs, undefined);
    await transport.sleep(pause, signal);
  }

  async function sendParts(): Promise<string> {
    const upload = await open();
    options.onStart?.(upload.id);
    const offsets: number[] = [];
    let stored = 0;
    for (let offset = 0; offset < item.size; offset += upload.chunkSize) {
      const byteCount = Math.min(upload.chunkSize, item.size - offset);
      if (upload.stored.get(offset) === byteCount) stored += byteCount;
      else offsets.push(offset);
    }
    if (stored > 0) options.onProgress?.(stored, item.size);
    const sendSome = async (): Promise<void> => {
      for (let offset = offsets.shift(); offset !== undefined; offset = offsets.shift()) {
        const part = new Uint8Array(await item.slice(offset, offset + upload.chunkSize).arrayBuffer());
        const answer = await post(`${base}/${upload.id}/${offset}`, part);
        // An unread body would keep its connection.
        await answer.body?.cancel();
        stored += part.length;
        options.onProgress?.(stored, item.size);
      }
    };
    await Promise.all(Array.from({ length: options.concurrency ?? 4 }, sendSome));
    const answer = await post(`${base}/${upload.id}/finalize`, new Uint8Array());
    await answer.body?.cancel();
    return upload.id;
  }

  async function open(): Promise<Open> {
    if (resume !== undefined) {
      const { chunkSize, chunks } = await ask<MultipartParts>(`${base}/${resume}/-1`);
      return { id: resume, chunkSize, stored: new Map(chunks as [number, number][]) };
    }
    const query = options.chunkSize === undefined ? '' : `?chunkSize=${options.chunkSize}`;
    return { ...(await ask<MultipartCreated>(`${base}/-1/-1${query}`)), stored: new Map() };
  }
}
