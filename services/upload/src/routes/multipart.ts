import {
  ApiError,
  ChunkSizeRefused,
  CreateMultipartQuery,
  MultipartCreated,
  MultipartParams,
  MultipartParts,
  MultipartStatus,
  PartParams,
  Receipt,
  type X402Settled,
} from '@bundler/contract';
import { drainUnread, type Metrics } from '@bundler/runtime';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import type { Multipart, WantedFinalization } from '../ingest/multipart/index.ts';
import type { X402Uploads } from '../ingest/x402/x402-uploads.ts';
import { type ClientOf, declaredByteCount, refuseOtherTypes } from './data-item.ts';
import { paidByIn } from './paid-by.ts';
import { offeringPayment, tellPayment } from './x402.ts';

export interface MultipartRoutes {
  readonly multipart: Multipart;
  /** Undefined where nothing can be paid for by x402. */
  readonly x402: X402Uploads | undefined;
  readonly isFree: (byteCount: number) => Promise<boolean>;
  readonly clientOf?: ClientOf;
  readonly metrics: Metrics;
}

type CreateRequest = FastifyRequest<{ Querystring: Static<typeof CreateMultipartQuery> }>;
type UploadRequest = FastifyRequest<{ Params: Static<typeof MultipartParams> }>;
type PartRequest = FastifyRequest<{ Params: Static<typeof PartParams> }>;

const tags = ['multipart'];
const Accepted = Type.Pick(MultipartStatus, ['status'], { description: 'A worker finalizes it: ask for its status.' });

/** Uploads that come in parts, as clients of bundlers know them: create, send parts in any order, finalize, ask. */
export function addMultipartRoutes(
  app: FastifyInstance,
  { multipart, clientOf, isFree, metrics, x402 }: MultipartRoutes,
): void {
  /** Clients of x402 pay before they send the first part: the credits are those of the address that they name. */
  async function fundingOf({
    headers,
    query,
  }: CreateRequest): Promise<(() => Promise<X402Settled | undefined>) | undefined> {
    const { address, totalBytes } = query;
    if (!x402 || address === undefined || totalBytes === undefined) return undefined;
    if ((await isFree(Number(totalBytes))) || !(await x402.isTaken())) return undefined;
    const funding = await x402.fundingOf(headers, Number(totalBytes), 'signer');
    return () => funding.topUp(address);
  }

  async function create(request: CreateRequest, reply: FastifyReply) {
    const pay = await fundingOf(request);
    const created = await counted(() => multipart.create(request.query.chunkSize));
    metrics.multipartUploads.inc({ outcome: created ? 'created' : 'refused' });
    if (!created) return reply.code(400).send(refusal());
    // Nobody pays for an upload that is refused, and none that was not paid for stays.
    const settled = await pay?.().catch(async (error: unknown) => {
      await multipart.abort(created.id);
      throw error;
    });
    if (settled) tellPayment(reply, settled);
    return created;
  }

  app.get<{ Params: { token: string }; Querystring: Static<typeof CreateMultipartQuery> }>(
    '/chunks/:token/-1/-1',
    {
      schema: {
        tags,
        summary: 'Begin an upload in parts',
        querystring: CreateMultipartQuery,
        response: { 200: MultipartCreated, 400: ChunkSizeRefused },
      },
    },
    async (request, reply) =>
      offeringPayment(request, reply, x402, undefined, async () => {
        // An upload that a cache gives to two clients would mix their bytes.
        void reply.header('cache-control', 'no-store');
        return create(request, reply);
      }),
  );

  app.get(
    '/chunks/:token/:uploadId/-1',
    {
      schema: {
        tags,
        summary: 'The parts that have arrived',
        params: MultipartParams,
        response: { 200: MultipartParts },
      },
    },
    async (request: UploadRequest, reply) =>
      reply.header('cache-control', 'no-store').send(await multipart.parts(request.params.uploadId)),
  );

  app.get(
    '/chunks/:token/:uploadId/status',
    {
      config: { rateLimitCost },
      schema: {
        tags,
        summary: 'State of an upload, and its receipt',
        params: MultipartParams,
        response: { 200: MultipartStatus },
      },
    },
    async (request: UploadRequest, reply) =>
      reply.header('cache-control', 'no-store').send(await multipart.status(request.params.uploadId)),
  );

  app.post(
    '/chunks/:token/:uploadId/finalize',
    {
      schema: {
        tags,
        summary: 'Have an upload finalized',
        params: MultipartParams,
        response: { 200: Receipt, 202: Accepted },
      },
    },
    async (request: UploadRequest, reply) => {
      drainUnread(request.raw);
      const receipt = await multipart.requestFinalization(wantedBy(request));
      return receipt ?? reply.code(202).send({ status: 'VALIDATING' });
    },
  );

  app.post(
    '/chunks/:token/:uploadId/:chunkOffset',
    {
      config: { rateLimitCost },
      schema: {
        tags,
        summary: 'Send one part; with offset -1: finalize and wait for the receipt',
        consumes: ['application/octet-stream'],
        params: PartParams,
        body: Type.Any({ description: 'The bytes of the part.' }),
        response: { 200: Type.Union([Receipt, Type.Null()]) },
      },
    },
    async (request: PartRequest, reply) => {
      if (request.params.chunkOffset !== '-1') return takePart(request, reply);
      drainUnread(request.raw);
      return multipart.finalizeAndWait(wantedBy(request), () => reply.raw.destroyed);
    },
  );

  app.delete(
    '/chunks/:token/:uploadId',
    { schema: { tags, summary: 'Give an upload up', params: MultipartParams, response: { 204: Type.Null() } } },
    async (request: UploadRequest, reply) => {
      await multipart.abort(request.params.uploadId);
      metrics.multipartUploads.inc({ outcome: 'aborted' });
      return reply.code(204).send();
    },
  );

  function wantedBy({ headers, params, raw }: UploadRequest): WantedFinalization {
    return { ...params, client: clientOf?.(raw), paidBy: paidByIn(headers) };
  }

  /** Creating an upload counts; a large item would otherwise use up its sender's requests with its own parts. */
  async function rateLimitCost(request: FastifyRequest): Promise<number> {
    const { uploadId } = request.params as UploadRequest['params'];
    return (await multipart.isKnown(uploadId)) ? 0 : 1;
  }

  async function takePart(request: PartRequest, reply: FastifyReply): Promise<FastifyReply> {
    // An iterator that leaves the stream alone when it ends early: what is unread then must still be drained.
    const body = request.raw.iterator({ destroyOnReturn: false });
    try {
      refuseOtherTypes(request);
      const byteCount = declaredByteCount(request);
      const { replaced } = await multipart.receivePart({
        uploadId: request.params.uploadId,
        offset: Number(request.params.chunkOffset),
        declaredByteCount: byteCount,
        body,
      });
      metrics.multipartParts.inc({ outcome: replaced ? 'replaced' : 'stored' });
      metrics.multipartPartBytes.inc(byteCount!);
      return await reply.code(200).send();
    } catch (error) {
      // The connection broke while the body came: nothing failed on our side.
      const broken = !(error instanceof ApiError) && request.raw.readableAborted;
      const cause = broken ? new ApiError('incomplete_body', { cause: error }) : error;
      metrics.multipartParts.inc({ outcome: cause instanceof ApiError ? cause.code : 'internal' });
      throw cause;
    } finally {
      await body.return?.(undefined);
      drainUnread(request.raw);
    }
  }

  async function counted<T>(create: () => Promise<T>): Promise<T> {
    try {
      return await create();
    } catch (error) {
      metrics.multipartUploads.inc({ outcome: 'refused' });
      throw error;
    }
  }

  function refusal(): ChunkSizeRefused {
    const { minChunkSize: min, maxChunkSize: max } = multipart.limits();
    return { error: `chunkSize must be a whole number from ${min} to ${max}.`, min, max };
  }
}
