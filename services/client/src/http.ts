import { BundlerError } from './errors.ts';
import { parseRetryAfter, retryDelay } from './retry.ts';

/** How the client reaches the world; tests bring their own. */
export interface Transport {
  readonly fetch: typeof globalThis.fetch;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** The ordinary way. */
export const defaultTransport: Transport = {
  // Looked up at the call, because instrumentation may replace it later; bound, because browsers insist.
  fetch: (input, init) => globalThis.fetch(input, init),
  now: Date.now,
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const aborted = (): void => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', aborted);
        resolve();
      }, ms);
      signal?.addEventListener('abort', aborted, { once: true });
    }),
};

interface Call {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: Uint8Array;
  /** Browsers keep answers that may be kept; this asks anew. */
  readonly cache?: 'no-store';
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends a request that is safe to repeat, and repeats it a few times when the service is busy (503, honouring
 * Retry-After) or does not answer. Resolves to the last answer, whatever its status.
 * @throws BundlerError with status 0 when no try was answered; the signal's reason when it aborts
 */
export async function send(transport: Transport, call: Call): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    const answer = await attempt(transport, call);
    if (answer instanceof Response && answer.status !== 503) return answer;
    const asked = answer instanceof Response ? retryAfterOf(transport, answer) : undefined;
    const wait = retryDelay(tries, asked);
    if (wait === undefined) {
      if (answer instanceof Response) return answer;
      throw answer;
    }
    // An unread body would keep its connection.
    if (answer instanceof Response) await answer.body?.cancel();
    await transport.sleep(wait, call.signal);
  }
}

async function attempt(transport: Transport, call: Call): Promise<Response | BundlerError> {
  const { url, signal, ...rest } = call;
  try {
    return await transport.fetch(url, { ...rest, ...(signal ? { signal } : {}) } as RequestInit);
  } catch (error) {
    if (signal?.aborted) throw error;
    return new BundlerError(describe(call), { status: 0, text: reasonOf(error) }, { cause: error });
  }
}

/** fetch hides why it failed in the cause; one that tried several addresses has a code there and no message. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { message?: string; code?: string }; message?: string };
  return cause?.message || cause?.code || message || String(error);
}

const describe = (call: Call): string => `${call.method ?? 'GET'} ${call.url}`;

function retryAfterOf(transport: Transport, answer: Response): number | undefined {
  return parseRetryAfter(answer.headers.get('retry-after'), transport.now());
}

/** The answer as an error; reads its body. */
export async function errorOf(transport: Transport, call: Call, answer: Response): Promise<BundlerError> {
  const text = (await answer.text()) || answer.statusText;
  return new BundlerError(describe(call), { status: answer.status, text, retryAfter: retryAfterOf(transport, answer) });
}

/** The answer's JSON. @throws BundlerError when it is none: the far side is then not the service it should be. */
export async function jsonOf<Value>(call: Call, answer: Response): Promise<Value> {
  const text = await answer.text();
  try {
    return JSON.parse(text) as Value;
  } catch (cause) {
    const start = text.slice(0, 200);
    throw new BundlerError(describe(call), { status: answer.status, text: `expected JSON, got ${start}` }, { cause });
  }
}
