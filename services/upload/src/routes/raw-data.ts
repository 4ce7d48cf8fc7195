import { PaidReceipt } from '@bundler/contract';
import type { Metrics } from '@bundler/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { IncomingRaw } from '../ingest/raw/receive-raw.ts';
import type { Received } from '../ingest/receive-item.ts';
import type { X402Uploads } from '../ingest/x402/x402-uploads.ts';
import { type ClientOf, declaredByteCount, receiveBody } from './data-item.ts';
import { offeringPayment } from './x402.ts';

export interface RawDataRoutes {
  readonly receiveRaw: (upload: IncomingRaw) => Promise<Received>;
  /** Undefined where nothing can be paid for. */
  readonly x402: X402Uploads | undefined;
  readonly clientOf?: ClientOf;
  readonly metrics: Metrics;
}

const schema = {
  tags: ['upload'],
  summary: 'Upload unsigned data, which the service signs as a data item of its own',
  description:
    'Off unless RAW_DATA_UPLOADS_ENABLED says otherwise. Tags come as JSON in `x-data-item-tags`, or one by one as in `X-Tag-App-Name: demo`. ' +
    'What is not free is answered with 402 and what it costs, as x402 has it, and paid for in `X-PAYMENT`.',
  body: Type.Any({ description: 'The data.' }),
  response: { 200: PaidReceipt },
};

/** `POST /x402/upload/unsigned`, and the same where older clients look for it. */
export function addRawDataRoutes(app: FastifyInstance, { receiveRaw, clientOf, metrics, x402 }: RawDataRoutes): void {
  const handle = (request: FastifyRequest, reply: FastifyReply): Promise<PaidReceipt | FastifyReply> =>
    offeringPayment(request, reply, x402, declaredByteCount(request), () =>
      receiveBody(request, reply, metrics, (body, record) =>
        receiveRaw({ body, headers: request.headers, client: clientOf?.(request.raw), record }),
      ),
    );
  app.post('/x402/upload/unsigned', { schema, config: { isUpload: true } }, handle);
  app.post('/x402/data-item/unsigned', { schema, config: { isUpload: true } }, handle);
}
