import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { closeNow, listenLocally } from './local-http.ts';

/** What becomes of a request: the service never sees it, or does what it asks for and its answer is lost. */
export type Failure = 'not forwarded' | 'answer lost';

export interface FailingProxy {
  readonly url: string;
  /** How many requests came. */
  readonly requests: () => number;
  close(): Promise<void>;
}

/** A proxy whose first requests are answered with 503, one for each failure named; `undefined` and all others pass. */
export async function startFailingProxy(
  target: string,
  failures: readonly (Failure | undefined)[],
): Promise<FailingProxy> {
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    const failure = failures[count];
    count += 1;
    pass(target, failure, incoming, outgoing).catch((error: Error) => outgoing.destroy(error));
  });
  const url = await listenLocally(server);
  return { url, requests: () => count, close: () => closeNow(server) };
}

async function pass(
  target: string,
  failure: Failure | undefined,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  if (failure === 'not forwarded') {
    incoming.resume();
    await once(incoming, 'end');
    outgoing.writeHead(503).end('busy');
    return;
  }
  const { method, headers } = incoming;
  const forwarded = incoming.pipe(request(target + incoming.url, { method, headers, agent: false }));
  const [answer] = (await once(forwarded, 'response')) as [IncomingMessage];
  if (failure === undefined) {
    answer.pipe(outgoing.writeHead(answer.statusCode!, answer.headers));
    return;
  }
  answer.resume();
  await once(answer, 'end');
  outgoing.writeHead(503).end('busy');
}
