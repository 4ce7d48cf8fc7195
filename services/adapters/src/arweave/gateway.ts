import { setTimeout as wait } from 'node:timers/promises';
import { type Metrics, observeTraced } from '@bundler/runtime';
import { type Dispatcher, getGlobalDispatcher, interceptors, request } from 'undici';
import { type ArweaveNetwork, ArweaveRefused, ArweaveUnavailable, type Chunk, type TransactionStatus } from './port.ts';

interface Options {
  readonly url: string;
  readonly timeoutMs: number;
  /** Tries of one request, the first included. */
  readonly tries: number;
  readonly metrics: GatewayMetrics;
}

/** What is asked of it, as metrics call it. */
type Operation = 'info' | 'anchor' | 'price' | 'balance' | 'post_tx' | 'post_chunk' | 'tx_status' | 'read_data';
type GatewayMetrics = Pick<Metrics, 'gatewayRequests' | 'gatewayDurations'>;

/** A Retry-After beyond this is cut: the job's own retries take over, milliseconds. */
const MAX_WAIT_MS = 30_000;
const FIRST_WAIT_MS = 500;

/** Milliseconds to wait before another try: what the server asked for, else doubling from half a second. */
export function retryDelay(attempt: number, retryAfter: string | null): number {
  const asked = retryAfter === null ? Number.NaN : Number(retryAfter) * 1000;
  return Math.min(Number.isFinite(asked) ? asked : FIRST_WAIT_MS * 2 ** (attempt - 1), MAX_WAIT_MS);
}

/** Gateways send readers on to the host that a transaction's data has to itself. */
const MAX_REDIRECTIONS = 5;
/** A chunk of 256 KiB in base64url, its proof for the largest bundle, and the rest. */
const CHUNK_JSON_BYTES = 384 * 1024;
/**
 * Bytes that become text together: a multiple of three, and few enough for V8 to keep the text among its young objects. As one
 * text, a chunk is a large object, for which V8 asks the kernel for fresh pages and gives them back.
 */
const PIECE_BYTES = 24 * 1024;
/** Memory that is kept for the bodies of later chunks: of as many as are usually posted at once. */
const MAX_SPARE_BODIES = 16;

/** Arweave through the HTTP API of a gateway or node. */
export class ArweaveGateway implements ArweaveNetwork {
  readonly #options: Options;
  // Not `fetch`: it copies each body once more, and a chunk's is 350 KB.
  readonly #dispatcher = getGlobalDispatcher().compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTIONS }));
  readonly #spareBodies: Buffer[] = [];
  readonly #host: string;

  constructor(options: Options) {
    this.#options = { ...options, url: options.url.replace(/\/$/, '') };
    this.#host = new URL(options.url).host;
  }

  async height(): Promise<number> {
    const info = (await (await this.#request('info', 'GET', '/info')).body.json()) as { height?: unknown };
    if (typeof info.height !== 'number') throw new ArweaveUnavailable('GET /info: no height in the answer');
    return info.height;
  }

  async anchor(): Promise<string> {
    return (await this.#request('anchor', 'GET', '/tx_anchor')).body.text();
  }

  async price(byteCount: number): Promise<bigint> {
    return BigInt(await (await this.#request('price', 'GET', `/price/${byteCount}`)).body.text());
  }

  async balance(address: string): Promise<bigint> {
    return BigInt(await (await this.#request('balance', 'GET', `/wallet/${address}/balance`)).body.text());
  }

  async postTransaction(tx: Record<string, unknown>): Promise<void> {
    // 208: another try of ours, or another worker, was first.
    await discard(await this.#request('post_tx', 'POST', '/tx', { body: JSON.stringify(tx), accept: [200, 202, 208] }));
  }

  async postChunk(chunk: Chunk): Promise<void> {
    const memory = this.#spareBodies.pop() ?? Buffer.allocUnsafeSlow(CHUNK_JSON_BYTES);
    try {
      const body = writeChunkJson(chunk, memory);
      await discard(await this.#request('post_chunk', 'POST', '/chunk', { body, accept: [200, 201, 202, 208] }));
    } finally {
      // A connection that still sends from it after an answer has come carries nothing that anybody reads.
      if (this.#spareBodies.length < MAX_SPARE_BODIES) this.#spareBodies.push(memory);
    }
  }

  async transactionStatus(id: string): Promise<TransactionStatus> {
    const answer = await this.#request('tx_status', 'GET', `/tx/${id}/status`, { accept: [200, 202, 404] });
    const text = await answer.body.text();
    if (answer.statusCode === 404) return { state: 'unknown' };
    if (answer.statusCode === 202) return { state: 'pending' };
    // Some nodes answer 200 with the word Pending.
    if (!text.startsWith('{')) return { state: 'pending' };
    const status = JSON.parse(text) as { number_of_confirmations: number; block_height: number };
    return { state: 'confirmed', confirmations: status.number_of_confirmations, blockHeight: status.block_height };
  }

  async hasData(id: string): Promise<boolean> {
    const answer = await this.#request('read_data', 'HEAD', `/${id}`, { accept: [200, 202, 404] });
    await discard(answer);
    return answer.statusCode === 200;
  }

  /** Sends a request once. */
  async #measured(
    op: Operation,
    {
      path,
      ...options
    }: { method: 'GET' | 'HEAD' | 'POST'; path: string; body?: string | Buffer; headers?: Record<string, string> },
  ): Promise<Dispatcher.ResponseData> {
    const { metrics, timeoutMs, url } = this.#options;
    const startedAt = performance.now();
    let code: number | string = 'error';
    try {
      const signal = AbortSignal.timeout(timeoutMs);
      const answer = await request(url + path, { ...options, dispatcher: this.#dispatcher, signal });
      code = answer.statusCode;
      return answer;
    } catch (error) {
      if (isTimeout(error)) code = 'timeout';
      throw error;
    } finally {
      metrics.gatewayRequests.inc({ gateway: this.#host, op, code });
      observeTraced(metrics.gatewayDurations, { gateway: this.#host, op }, (performance.now() - startedAt) / 1000);
    }
  }

  /** Sends a request until an answer tells; 429, 5xx and broken connections are tried again. */
  async #request(
    op: Operation,
    method: 'GET' | 'HEAD' | 'POST',
    path: string,
    options: { body?: string | Buffer; accept?: readonly number[] } = {},
  ): Promise<Dispatcher.ResponseData> {
    const accept = options.accept ?? [200];
    const what = `${method} ${path}`;
    let problem = '';
    for (let attempt = 1; ; attempt += 1) {
      let retryAfter: string | null = null;
      try {
        const answer = await this.#measured(op, {
          method,
          path,
          ...(options.body === undefined
            ? {}
            : { body: options.body, headers: { 'content-type': 'application/json' } }),
        });
        if (accept.includes(answer.statusCode)) return answer;
        const text = (await answer.body.text()).slice(0, 500);
        if (answer.statusCode !== 429 && answer.statusCode < 500) {
          throw new ArweaveRefused(what, answer.statusCode, text);
        }
        problem = `${answer.statusCode} ${text}`;
        retryAfter = String(answer.headers['retry-after'] ?? '') || null;
      } catch (error) {
        if (error instanceof ArweaveRefused) throw error;
        problem = describe(error);
      }
      if (attempt >= this.#options.tries) {
        throw new ArweaveUnavailable(`${what} failed ${attempt} times, last with: ${problem}`);
      }
      await wait(retryDelay(attempt, retryAfter));
    }
  }
}

const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError';

/**
 * Writes the JSON of `POST /chunk`. Its fields are base64url and digits, which need no escaping: written straight into
 * bytes, a chunk of 350 KB is spared a scan for escapes and an encoding to UTF-8.
 *
 * @param memory where to
 * @returns the part of it that was written
 */
export function writeChunkJson(chunk: Chunk, memory: Buffer): Buffer {
  const path = chunk.dataPath.toString('base64url');
  const head = `{"data_root":"${chunk.dataRoot}","data_size":"${chunk.dataSize}","data_path":"${path}","offset":"${chunk.offset}","chunk":"`;
  let length = 0;
  const write = (text: string): void => {
    if (length + text.length > memory.length)
      throw new RangeError(`a chunk of ${chunk.bytes.length} bytes is too large`);
    length += memory.write(text, length, 'latin1');
  };
  write(head);
  for (let at = 0; at < chunk.bytes.length; at += PIECE_BYTES) {
    write(chunk.bytes.toString('base64url', at, Math.min(at + PIECE_BYTES, chunk.bytes.length)));
  }
  write('"}');
  return memory.subarray(0, length);
}

/** An answer whose body nobody reads keeps its connection busy. */
function discard(answer: Dispatcher.ResponseData): Promise<void> {
  return answer.body.dump();
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
