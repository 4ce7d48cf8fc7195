import { Receipt } from '@bundler/contract';
import type { Metrics } from '@bundler/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { IncomingRaw } from '../ingest/raw/receive-raw.ts';
import type { Received } from '../ingest/receive-item.ts';
import { type ClientOf, receiveBody } from './data-item.ts';

export interface RawDataRoutes {
  readonly receiveRaw: (upload: IncomingRaw) => Promise<Received>;
  readonly clientOf?: ClientOf;
  readonly metrics: Metrics;
}

const schema = {
  tags: ['upload'],
  summary: 'Upload unsigned data, which the service signs as a data item of its own',
  description:
    'Off unless RAW_DATA_UPLOADS_ENABLED says otherwise. Tags come as JSON in `x-data-item-tags`, or one by one as in `X-Tag-App-Name: demo`.',
  body: Type.Any({ description: 'The data.' }),
  response: { 200: Receipt },
};

/** `POST /x402/upload/unsigned`, and the same where older clients look for it. */
export function addRawDataRoutes(app: FastifyInstance, { receiveRaw, clientOf, metrics }: RawDataRoutes): void {
  const handle = (request: FastifyRequest): Promise<Receipt> =>
    receiveBody(request, metrics, (body, record) =>
      receiveRaw({ body, headers: request.headers, client: clientOf?.(request.raw), record }),
    );
  app.post('/x402/upload/unsigned', { schema, config: { isUpload: true } }, handle);
  app.post('/x402/data-item/unsigned', { schema, config: { isUpload: true } }, handle);
}
