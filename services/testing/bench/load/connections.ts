import { type Dispatcher, Pool } from 'undici';

/** What came back: a status, or the code of the error that kept it from coming. */
export interface Answer {
  readonly status: number | string;
  /** What the answer's Retry-After says, seconds; undefined without one. */
  readonly retryAfter: number | undefined;
  readonly body: string;
}

/** A request without an answer for so long counts as an error, milliseconds. */
const TIMEOUT_MS = 60_000;

const HEADERS = { 'content-type': 'application/octet-stream' };

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
  send(index: number, body: Buffer): Promise<Answer> {
    const pool = this.#pools[index % this.#pools.length]!;
    return new Promise((resolve) => {
      pool.dispatch({ path: this.#path, method: 'POST', headers: HEADERS, body }, new AnswerReader(resolve));
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }
}

/** Reads an answer without a stream for its body: the load tool uses the cores that it measures. */
class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: Answer) => void;
  #status = 0;
  #retryAfter: number | undefined;
  #body = '';

  constructor(resolve: (answer: Answer) => void) {
    this.#resolve = resolve;
  }

  // undici asks for each of these, also for those with nothing to do.
  onRequestStart(): void {}

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    const retryAfter = headers['retry-after'];
    this.#status = status;
    this.#retryAfter = retryAfter === undefined ? undefined : Number(retryAfter);
  }

  onResponseData(_: Dispatcher.DispatchController, piece: Buffer): void {
    // Answers are ASCII: no character is cut in two.
    this.#body += piece.toString('latin1');
  }

  onResponseEnd(): void {
    this.#resolve({ status: this.#status, retryAfter: this.#retryAfter, body: this.#body });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error & { readonly code?: string }): void {
    this.#resolve({ status: error.code ?? error.message, retryAfter: undefined, body: '' });
  }
}
