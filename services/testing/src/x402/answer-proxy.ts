import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { closeNow, listenLocally } from '../local-http.ts';

/** Stands between two services and lets a test do something when an answer is there that was not passed on yet. */
export class AnswerProxy {
  /** What it rejects with cuts the connection instead. */
  onAnswer: (path: string) => Promise<void> = async () => undefined;
  readonly #target: () => string;
  readonly #server = createServer((request, response) => {
    this.#pass(request, response).catch(() => response.destroy());
  });

  /** @param target URL of what stands behind it */
  constructor(target: () => string) {
    this.#target = target;
  }

  start(): Promise<string> {
    return listenLocally(this.#server);
  }

  stop(): Promise<void> {
    return closeNow(this.#server);
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    const { authorization, 'content-type': type } = request.headers;
    const answer = await fetch(this.#target() + request.url, {
      method: request.method!,
      headers: { ...(authorization && { authorization }), ...(type && { 'content-type': type }) },
      ...(body.length > 0 && { body: new Uint8Array(body) }),
    });
    const text = await answer.text();
    await this.onAnswer(request.url!);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' }).end(text);
  }
}
