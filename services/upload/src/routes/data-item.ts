import type { IncomingMessage } from 'node:http';
import type { Payment } from '@bundler/adapters';
import { ApiError, PaidReceipt } from '@bundler/contract';
import { drainUnread, type Metrics } from '@bundler/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { detectUnsigned } from '../ingest/raw/detect.ts';
import type { IncomingRaw } from '../ingest/raw/receive-raw.ts';
import type { Received, Upload } from '../ingest/receive-item.ts';
import { UploadRecord } from '../ingest/upload-record.ts';
import type { X402Uploads } from '../ingest/x402/x402-uploads.ts';
import { paidByIn } from './paid-by.ts';
import { offeringPayment, paidReceipt } from './x402.ts';

/** Whose free bytes a request uses up; nobody's when nothing is said. */
export type ClientOf = (request: IncomingMessage) => string | undefined;

export interface DataItemRoutes {
  readonly receive: (upload: Upload) => Promise<Received>;
  readonly receiveRaw: (upload: IncomingRaw) => Promise<Received>;
  /** Whether what is no signed item is taken as unsigned data. */
  readonly acceptsRaw: () => boolean;
  /** Undefined where nothing can be paid for by x402. */
  readonly x402: X402Uploads | undefined;
  /** Whether so many bytes cost nothing. */
  readonly isFree: (byteCount: number) => Promise<boolean>;
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
  response: { 200: PaidReceipt },
};

/**
 * `POST /tx` and `POST /tx/:token`; the token says what the signer pays with and changes nothing else. The other two are the same for
 * clients that pay by x402, where what is free needs no payment and what is paid is the signer's.
 */
export function addDataItemRoutes(app: FastifyInstance, options: DataItemRoutes): void {
  const { acceptsRaw, clientOf, isFree, metrics, receive, receiveRaw, x402 } = options;

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

  async function receiveSigned(
    request: TokenRequest,
    body: AsyncIterable<Buffer>,
    record: UploadRecord,
    payment?: Payment,
  ): Promise<Received> {
    refuseOtherTypes(request);
    return receive({
      body,
      declaredByteCount: declaredByteCount(request),
      token: request.params.token,
      client: clientOf?.(request.raw),
      paidBy: paidByIn(request.headers),
      record,
      ...(payment && { payment }),
    });
  }

  async function receivePaid(
    request: TokenRequest,
    body: AsyncIterable<Buffer>,
    record: UploadRecord,
  ): Promise<Received> {
    if (!x402 || request.headers['x-payment'] === undefined) return receiveSigned(request, body, record);
    const byteCount = declaredByteCount(request);
    // What it costs is known from its length alone.
    if (byteCount === undefined) throw new ApiError('malformed_payment', { detail: 'Send it with Content-Length.' });
    if (await isFree(byteCount)) return receiveSigned(request, body, record);
    const payment = await x402.fundingOf(request.headers, byteCount, 'signer');
    const received = await receiveSigned(request, body, record, payment);
    return payment.settled ? { ...received, x402: payment.settled } : received;
  }

  for (const [path, taken] of Object.entries(ROUTES)) {
    app.post(path, { schema, config: { isUpload: true } }, (request: TokenRequest, reply) => {
      const receiveTaken = taken === 'either' ? receiveEither : receivePaid;
      const receiving = (): Promise<PaidReceipt> =>
        receiveBody(request, reply, metrics, (body, record) => receiveTaken(request, body, record));
      if (taken === 'either') return receiving();
      return offeringPayment(request, reply, x402, declaredByteCount(request), receiving);
    });
  }
}

/** Has the body of a request received as an item, counts what came of it, and leaves nothing of the body unread. */
export async function receiveBody(
  request: FastifyRequest,
  reply: FastifyReply,
  metrics: Metrics,
  receive: (body: AsyncIterable<Buffer>, record: UploadRecord) => Promise<Received>,
): Promise<PaidReceipt> {
  const record = new UploadRecord(metrics, declaredByteCount(request));
  // An iterator that leaves the stream alone when it ends early: what is unread then must still be drained.
  const body = request.raw.iterator({ destroyOnReturn: false });
  try {
    const received = await receive(body, record);
    record.succeeded(received);
    return paidReceipt(reply, received.receipt, received.x402);
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
