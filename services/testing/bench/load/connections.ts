import { Pool } from 'undici';

/** What came back: a status, or the code of the error that kept it from coming. */
export interface Answer {
  readonly status: number | string;
  /** What the answer's Retry-After says, seconds; undefined without one. */
  readonly retryAfter: number | undefined;
  readonly body: string;
}

/** A request without an answer for so long counts as an error, milliseconds. */
const TIMEOUT_MS = 60_000;

/** Connections to several processes of the same service, as evenly as they go. */
export class Connections {
  readonly #pools: Pool[];
  readonly #path: string;

  constructor(urls: readonly string[], path: string, count: number) {
    this.#path = path;
    this.#pools = urls
      .map((url, index) => ({ url, connections: Math.ceil((count - index) / urls.length) }))
      .filter(({ connections }) => connections > 0)
      .map(
        ({ url, connections }) =>
          new Pool(url, { connections, pipelining: 1, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS }),
      );
  }

  /** Sends over the pool that is the turn of `index`, and reads the whole answer. */
  async send(index: number, body: Buffer): Promise<Answer> {
    const pool = this.#pools[index % this.#pools.length]!;
    try {
      const answer = await pool.request({
        path: this.#path,
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body,
      });
      const text = await answer.body.text();
      const retryAfter = answer.headers['retry-after'];
      return {
        status: answer.statusCode,
        retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
        body: text,
      };
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      return { status: code ?? message, retryAfter: undefined, body: '' };
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }
}
