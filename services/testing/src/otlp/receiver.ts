import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { closeNow, listenLocally } from '../local-http.ts';
import { type ReceivedSpan, readSpans } from './spans.ts';

export interface OtlpReceiver {
  readonly url: string;
  /** What has come so far. */
  readonly spans: readonly ReceivedSpan[];
  /** Everything that has come, as it came. */
  readonly bodies: readonly Buffer[];
  /** Headers of the latest request. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** From now on requests are taken and never answered; or answered again. */
  hang(hanging: boolean): void;
  close(): Promise<void>;
}

/** A collector as far as OTLP over HTTP with protobuf goes: takes spans and keeps them. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const bodies: Buffer[] = [];
  let headers: OtlpReceiver['headers'] = {};
  let hanging = false;
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    headers = request.headers;
    bodies.push(body);
    if (hanging) return;
    if (request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/x-protobuf') {
      response.writeHead(404).end();
      return;
    }
    spans.push(...readSpans(body));
    // An empty ExportTraceServiceResponse: all were taken.
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  };
  // What breaks off is sent again, or was dropped by a process that has ended.
  const server = createServer((request, response) => void take(request, response).catch(() => response.destroy()));
  const url = await listenLocally(server);
  return {
    url,
    spans,
    bodies,
    get headers() {
      return headers;
    },
    hang: (wanted) => {
      hanging = wanted;
    },
    close: () => closeNow(server),
  };
}
