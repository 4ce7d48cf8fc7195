/** What of XMLHttpRequest is used here; Node has none. */
interface Xhr {
  readonly upload: { addEventListener(type: 'progress', listener: (event: { loaded: number }) => void): void };
  responseType: string;
  readonly response: ArrayBuffer | null;
  readonly status: number;
  readonly statusText: string;
  addEventListener(type: 'load' | 'error' | 'abort', listener: () => void): void;
  open(method: string, url: string): void;
  setRequestHeader(name: string, value: string): void;
  getAllResponseHeaders(): string;
  send(body: unknown): void;
  abort(): void;
}

/**
 * A fetch that tells how many bytes of the body have left. In browsers only XMLHttpRequest knows; elsewhere it is told
 * once, when there is an answer.
 */
export function fetchTellingSent(
  fetch: typeof globalThis.fetch,
  onSent: (byteCount: number) => void,
): typeof globalThis.fetch {
  const { XMLHttpRequest: XhrClass } = globalThis as unknown as { XMLHttpRequest?: new () => Xhr };
  return async (url, init) => {
    const body = init?.body as Uint8Array;
    const answer = XhrClass ? await sendBy(new XhrClass(), url as string, init, onSent) : await fetch(url, init);
    onSent(body.byteLength);
    return answer;
  };
}

function sendBy(xhr: Xhr, url: string, init: RequestInit | undefined, onSent: (n: number) => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { signal } = init ?? {};
    signal?.throwIfAborted();
    const abort = (): void => xhr.abort();
    signal?.addEventListener('abort', abort, { once: true });
    const on = (type: 'load' | 'error' | 'abort', settle: () => void): void =>
      xhr.addEventListener(type, () => {
        signal?.removeEventListener('abort', abort);
        settle();
      });
    xhr.upload.addEventListener('progress', ({ loaded }) => onSent(loaded));
    on('load', () => resolve(responseOf(xhr)));
    on('error', () => reject(new TypeError('the connection failed, or the service does not allow this page')));
    on('abort', () => reject((signal?.reason as Error | undefined) ?? new Error('aborted')));
    xhr.open(init?.method ?? 'GET', url);
    xhr.responseType = 'arraybuffer';
    for (const [name, value] of Object.entries((init?.headers ?? {}) as Record<string, string>)) {
      xhr.setRequestHeader(name, value);
    }
    xhr.send(init?.body);
  });
}

function responseOf(xhr: Xhr): Response {
  const headers = xhr
    .getAllResponseHeaders()
    .split('\r\n')
    .filter((line) => line.includes(':'))
    .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
  return new Response(xhr.response, { status: xhr.status, statusText: xhr.statusText, headers });
}
