import { setTimeout as wait } from 'node:timers/promises';
import { type ArweaveNetwork, ArweaveRefused, ArweaveUnavailable, type Chunk, type TransactionStatus } from './port.ts';

interface Options {
  readonly url: string;
  readonly timeoutMs: number;
  /** Tries of one request, the first included. */
  readonly tries: number;
}

/** A Retry-After beyond this is cut: the job's own retries take over, milliseconds. */
const MAX_WAIT_MS = 30_000;
const FIRST_WAIT_MS = 500;

/** Milliseconds to wait before another try: what the server asked for, else doubling from half a second. */
export function retryDelay(attempt: number, retryAfter: string | null): number {
  const asked = retryAfter === null ? Number.NaN : Number(retryAfter) * 1000;
  return Math.min(Number.isFinite(asked) ? asked : FIRST_WAIT_MS * 2 ** (attempt - 1), MAX_WAIT_MS);
}

/** Arweave through the HTTP API of a gateway or node. */
export class ArweaveGateway implements ArweaveNetwork {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = { ...options, url: options.url.replace(/\/$/, '') };
  }

  async height(): Promise<number> {
    const info = (await (await this.#request('GET', '/info')).json()) as { height?: unknown };
    if (typeof info.height !== 'number') throw new ArweaveUnavailable('GET /info: no height in the answer');
    return info.height;
  }

  async anchor(): Promise<string> {
    return (await this.#request('GET', '/tx_anchor')).text();
  }

  async price(byteCount: number): Promise<bigint> {
    return BigInt(await (await this.#request('GET', `/price/${byteCount}`)).text());
  }

  async balance(address: string): Promise<bigint> {
    return BigInt(await (await this.#request('GET', `/wallet/${address}/balance`)).text());
  }

  async postTransaction(tx: Record<string, unknown>): Promise<void> {
    // 208: another try of ours, or another worker, was first.
    await this.#request('POST', '/tx', { body: JSON.stringify(tx), accept: [200, 202, 208] });
  }

  async postChunk(chunk: Chunk): Promise<void> {
    await this.#request('POST', '/chunk', { body: chunkJson(chunk), accept: [200, 201, 202, 208] });
  }

  async transactionStatus(id: string): Promise<TransactionStatus> {
    const answer = await this.#request('GET', `/tx/${id}/status`, { accept: [200, 202, 404] });
    if (answer.status === 404) return discard(answer, { state: 'unknown' });
    if (answer.status === 202) return discard(answer, { state: 'pending' });
    const text = await answer.text();
    // Some nodes answer 200 with the word Pending.
    if (!text.startsWith('{')) return { state: 'pending' };
    const status = JSON.parse(text) as { number_of_confirmations: number; block_height: number };
    return { state: 'confirmed', confirmations: status.number_of_confirmations, blockHeight: status.block_height };
  }

  async hasData(id: string): Promise<boolean> {
    const answer = await this.#request('HEAD', `/${id}`, { accept: [200, 202, 404] });
    return discard(answer, answer.status === 200);
  }

  /** Sends a request until an answer tells; 429, 5xx and broken connections are tried again. */
  async #request(
    method: string,
    path: string,
    options: { body?: string | Uint8Array<ArrayBuffer>; accept?: readonly number[] } = {},
  ): Promise<Response> {
    const accept = options.accept ?? [200];
    const what = `${method} ${path}`;
    let problem = '';
    for (let attempt = 1; ; attempt += 1) {
      let retryAfter: string | null = null;
      try {
        const answer = await fetch(this.#options.url + path, {
          method,
          signal: AbortSignal.timeout(this.#options.timeoutMs),
          ...(options.body === undefined
            ? {}
            : { body: options.body, headers: { 'content-type': 'application/json' } }),
        });
        if (accept.includes(answer.status)) return answer;
        const text = (await answer.text()).slice(0, 500);
        if (answer.status !== 429 && answer.status < 500) throw new ArweaveRefused(what, answer.status, text);
        problem = `${answer.status} ${text}`;
        retryAfter = answer.headers.get('retry-after');
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

/**
 * The JSON of `POST /chunk`. Its fields are base64url and digits, which need no escaping: written straight into bytes,
 * a chunk of 350 KB is spared a scan for escapes and an encoding to UTF-8.
 */
export function chunkJson(chunk: Chunk): Uint8Array<ArrayBuffer> {
  const path = chunk.dataPath.toString('base64url');
  const head = `{"data_root":"${chunk.dataRoot}","data_size":"${chunk.dataSize}","data_path":"${path}","offset":"${chunk.offset}","chunk":"`;
  return Buffer.from(`${head}${chunk.bytes.toString('base64url')}"}`, 'latin1');
}

/** An answer whose body nobody reads keeps its connection busy. */
async function discard<T>(answer: Response, result: T): Promise<T> {
  await answer.body?.cancel();
  return result;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
