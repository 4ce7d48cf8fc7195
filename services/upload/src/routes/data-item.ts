import type { IncomingMessage } from 'node:http';
import { ApiError, Receipt } from '@bundler/contract';
import type { Metrics } from '@bundler/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { detectUnsigned } from '../ingest/raw/detect.ts';
import type { IncomingRaw } from '../ingest/raw/receive-raw.ts';
import type { Received, Upload } from '../ingest/receive-item.ts';
import { UploadRecord } from '../ingest/upload-record.ts';

/** Whose free bytes a request uses up; nobody's when nothing is said. */
export type ClientOf = (request: IncomingMessage) => string | undefined;

export interface DataItemRoutes {
  readonly receive: (upload: Upload) => Promise<Received>;
  readonly receiveRaw: (upload: IncomingRaw) => Promise<Received>;
  /** Whether what is no signed item is taken as unsigned data. */
  readonly acceptsRaw: () => boolean;
  readonly clientOf?: ClientOf;
  readonly metrics: Metrics;
}

type TokenRequest = FastifyRequest<{ Params: { token?: string } }>;

/** What is taken where. */
const ROUTES = {
  '/tx': 'either',
  '/tx/:token': 'either',
  '/x402/upload/signed': 'signed',
  '/x402/data-item/signed': 'signed',
} as const;

const schema = {
  tags: ['upload'],
  summary: 'Upload one signed ANS-104 data item',
  consumes: ['application/octet-stream'],
  body: Type.Any({ description: 'The bytes of the data item.' }),
  response: { 200: Receipt },
};

/**
 * `POST /tx` and `POST /tx/:token`; the token says what the signer pays with and changes nothing else. The other two are the same for
 * clients that would pay by x402: what is free needs no payment.
 */
export function addDataItemRoutes(app: FastifyInstance, options: DataItemRoutes): void {
  const { acceptsRaw, clientOf, metrics, receive, receiveRaw } = options;

  async function receiveEither(
    request: TokenRequest,
    body: AsyncIterable<Buffer>,
    record: UploadRecord,
  ): Promise<Received> {
    if (!acceptsRaw()) return receiveSigned(request, body, record);
    const asRaw = (data: AsyncIterable<Buffer>): Promise<Received> =>
      receiveRaw({ body: data, headers: request.headers, client: clientOf?.(request.raw), record });
    if (!isOctetStream(request)) return asRaw(body);
    const detected = await detectUnsigned(body);
    return detected.unsigned ? asRaw(detected.body) : receiveSigned(request, detected.body, record);
  }

  function receiveSigned(request: TokenRequest, body: AsyncIterable<Buffer>, record: UploadRecord): Promise<Received> {
    refuseOtherTypes(request);
    return receive({
      body,
      declaredByteCount: declaredByteCount(request),
      token: request.params.token,
      client: clientOf?.(request.raw),
      record,
    });
  }

  for (const [path, taken] of Object.entries(ROUTES)) {
    app.post(path, { schema, config: { isUpload: true } }, (request: TokenRequest) =>
      receiveBody(request, metrics, async (body, record) =>
        taken === 'either' ? receiveEither(request, body, record) : receiveSigned(request, body, record),
      ),
    );
  }
}

/** Has the body of a request received as an item, counts what came of it, and leaves nothing of the body unread. */
export async function receiveBody(
  request: FastifyRequest,
  metrics: Metrics,
  receive: (body: AsyncIterable<Buffer>, record: UploadRecord) => Promise<Received>,
): Promise<Receipt> {
  const record = new UploadRecord(metrics, declaredByteCount(request));
  // An iterator that leaves the stream alone when it ends early: what is unread then must still be drained.
  const body = request.raw.iterator({ destroyOnReturn: false });
  try {
    const received = await receive(body, record);
    record.succeeded(received);
    return received.receipt;
  } catch (error) {
    // The connection broke while the body came: nothing failed on our side.
    const broken = !(error instanceof ApiError) && request.raw.readableAborted;
    const cause = broken ? new ApiError('incomplete_body', { cause: error }) : error;
    record.failed(cause instanceof ApiError ? cause.code : 'internal');
    throw cause;
  } finally {
    record.closed();
    await body.return?.(undefined);
    drainUnread(request.raw);
  }
}

/** A body that nobody wants is read on for so long that its client can finish sending and see the answer; then cut. */
const LINGER_MS = 5000;

/** Reads the rest of a body that nobody wants, without making its answer wait. */
export function drainUnread(body: IncomingMessage): void {
  if (body.complete || body.destroyed) return;
  const timer = setTimeout(() => body.socket.destroy(), LINGER_MS);
  for (const event of ['end', 'close']) body.once(event, () => clearTimeout(timer));
  body.resume();
}

/** What Content-Length says, if it is there. */
export function declaredByteCount(request: FastifyRequest): number | undefined {
  const declared = request.headers['content-length'];
  return declared === undefined ? undefined : Number(declared);
}

/** @throws ApiError `unsupported_content_type` */
export function refuseOtherTypes(request: FastifyRequest): void {
  if (!isOctetStream(request)) throw new ApiError('unsupported_content_type');
}

function isOctetStream(request: FastifyRequest): boolean {
  return request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'application/octet-stream';
}
