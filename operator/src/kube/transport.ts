import { type Dispatcher, request } from 'undici';
import { type Clock, sleep } from '../runtime/clock.ts';
import type { Connection } from './connection.ts';
import { Deadline } from './deadline.ts';
import { errorFrom, KubeError, unreachable } from './errors.ts';

/** One request to the API server. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** More headers, for whoever answers behind the API server; those of the connection win. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** For the whole of it, waiting for a busy server included, milliseconds. */
  readonly timeoutMs?: number | undefined;
}

interface StreamOptions {
  readonly idleMs: number;
  readonly onOpen: (() => void) | undefined;
}

type Answer = Dispatcher.ResponseData;

/** How long one call may take. The API server itself gives up after 60 s. */
const TIMEOUT_MS = 30_000;

const OPERATOR = 'bundler-operator';

/** Speaks HTTP with one API server: authentication, deadlines, patience with a busy server, typed errors. */
export class Transport {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #onWarning: (warning: string) => void;
  readonly #userAgent: string;

  /** @param userAgent how audit logs name who asked */
  constructor(connection: Connection, clock: Clock, onWarning: (warning: string) => void, userAgent = OPERATOR) {
    this.#connection = connection;
    this.#clock = clock;
    this.#onWarning = onWarning;
    this.#userAgent = userAgent;
  }

  /** The parsed body of the answer. @throws KubeError */
  async json(call: Call): Promise<unknown> {
    return this.#read(call, (answer) => answer.body.json());
  }

  /** The body of an answer that is text, such as a log. @throws KubeError */
  async text(call: Call): Promise<string> {
    return this.#read({ accept: '*/*', ...call }, (answer) => answer.body.text());
  }

  async #read<Body>(call: Call, body: (answer: Answer) => Promise<Body>): Promise<Body> {
    const deadline = this.#deadline(call);
    try {
      return await body(await this.#send(call, deadline.signal));
    } catch (error) {
      throw this.#explain(call, deadline.signal, error);
    } finally {
      deadline.release();
    }
  }

  /**
   * The bytes of an answer that goes on. The deadline is for its beginning; after that it fails when no byte comes
   * for `idleMs`: a connection that a firewall forgot looks exactly like a quiet one.
   */
  async *stream(call: Call, { idleMs, onOpen }: StreamOptions): AsyncGenerator<Uint8Array, void, undefined> {
    const deadline = this.#deadline(call);
    try {
      const answer = await this.#send(call, deadline.signal);
      onOpen?.();
      const idle = (): Error => unreachable(nameOf(call), `no byte came for ${idleMs / 1000} s`);
      deadline.set(idleMs, idle);
      for await (const chunk of answer.body) {
        deadline.set(idleMs, idle);
        yield chunk as Uint8Array;
      }
    } catch (error) {
      throw this.#explain(call, deadline.signal, error);
    } finally {
      deadline.release();
    }
  }

  #deadline(call: Call): Deadline {
    const { signal, timeoutMs = TIMEOUT_MS } = call;
    const deadline = new Deadline(this.#clock, signal);
    deadline.set(timeoutMs, () => unreachable(nameOf(call), `no answer within ${timeoutMs / 1000} s`));
    return deadline;
  }

  /** Sends until there is a success, or an error that waiting does not mend. */
  async #send(call: Call, signal: AbortSignal): Promise<Answer> {
    let renewed = false;
    for (;;) {
      const answer = await this.#once(call, signal, renewed);
      for (const warning of warningsOf(answer)) this.#onWarning(warning);
      if (answer.statusCode < 300) return answer;
      const error = errorFrom(nameOf(call), answer.statusCode, await answer.body.text(), first(answer, 'retry-after'));
      if (error.code === 401 && !renewed) {
        renewed = true;
      } else if (error.code === 429 && error.retryAfterMs !== undefined) {
        // A request that was turned away with 429 was not begun, whatever its method.
        await this.#wait(error, signal);
      } else {
        throw error;
      }
    }
  }

  /** Waits as long as the server asks; when the deadline comes first, its own answer says more than "timed out". */
  async #wait(error: KubeError, signal: AbortSignal): Promise<void> {
    try {
      await sleep(this.#clock, error.retryAfterMs ?? 0, signal);
    } catch (reason) {
      throw reason instanceof KubeError ? error : reason;
    }
  }

  async #once(call: Call, signal: AbortSignal, fresh: boolean): Promise<Answer> {
    const { method, path, query = {}, body, contentType = 'application/json', accept = 'application/json' } = call;
    const { headers = {} } = call;
    const url = new URL(this.#connection.server + path);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const credentials = await this.#connection.authenticate(fresh);
    signal.throwIfAborted();
    return request(url, {
      method,
      headers: {
        ...headers,
        accept,
        'user-agent': this.#userAgent,
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...credentials,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
      dispatcher: this.#connection.dispatcher,
    });
  }

  #explain(call: Call, signal: AbortSignal, error: unknown): unknown {
    if (signal.aborted && !(error instanceof KubeError)) return signal.reason;
    return error instanceof KubeError ? error : unreachable(nameOf(call), error);
  }
}

function nameOf({ method, path }: Call): string {
  return `${method} ${path}`;
}

function first(answer: Answer, header: string): string | undefined {
  const value = answer.headers[header];
  return Array.isArray(value) ? value[0] : value;
}

/** The texts of `Warning: 299 - "text"` headers (RFC 7234 5.5): deprecations, unknown fields, admission policies. */
function warningsOf(answer: Answer): string[] {
  const header = answer.headers.warning;
  if (header === undefined) return [];
  const all = Array.isArray(header) ? header.join(',') : header;
  return [...all.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'));
}
