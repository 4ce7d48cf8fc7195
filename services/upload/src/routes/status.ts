import type { DataItems, ItemState, MultipartUploads, NestedItems } from '@bundler/adapters';
import { ApiError, ItemOffsets, ItemParams, ItemStatus, StatusParams } from '@bundler/contract';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Static } from 'typebox';
import { nestedOffsets, nestedStatus } from './nested-answers.ts';

/** What `GET /tx/:id/status` says of a row. */
export function itemStatus(state: ItemState): ItemStatus {
  const common = {
    rawContentLength: state.byteCount,
    payloadContentType: state.contentType,
    payloadDataStart: state.payloadStart,
    payloadContentLength: state.byteCount - state.payloadStart,
    winc: state.winc,
  };
  if (state.failedReason !== null) {
    return { status: 'FAILED', info: 'failed', ...common, reason: state.failedReason };
  }
  if (state.bundleState === null) return { status: 'CONFIRMED', info: 'new', ...common };
  const bundled = {
    ...common,
    ...(state.bundleTxId ? { bundleId: state.bundleTxId.toString('base64url') } : {}),
    ...(state.bundleTxId && state.bundleOffset !== null ? { startOffsetInRootBundle: state.bundleOffset } : {}),
  };
  return state.bundleState === 'permanent'
    ? { status: 'FINALIZED', info: 'permanent', ...bundled }
    : { status: 'CONFIRMED', info: 'pending', ...bundled };
}

/** What `GET /tx/:id/offsets` says of a row; undefined before its bundle has an id. */
export function itemOffsets(state: ItemState): ItemOffsets | undefined {
  if (!state.bundleTxId || state.bundleOffset === null) return undefined;
  return {
    dataItemId: state.id.toString('base64url'),
    rootBundleId: state.bundleTxId.toString('base64url'),
    startOffsetInRootBundle: state.bundleOffset,
    rawContentLength: state.byteCount,
    payloadDataStart: state.payloadStart,
    payloadContentType: state.contentType,
    payloadContentLength: state.byteCount - state.payloadStart,
  };
}

/**
 * Where an accepted item is on its way, also by the id of the upload in parts that it came by, and where it lies in its
 * bundle; the same of items inside of accepted ones. An id
 * that is both is what was accepted: what strangers put into their bundles says nothing about it.
 */
export function addStatusRoutes(
  app: FastifyInstance,
  items: Pick<DataItems, 'findState'>,
  nestedItems: Pick<NestedItems, 'find'>,
  uploads: Pick<MultipartUploads, 'find'>,
): void {
  const cache = (reply: FastifyReply, seconds: number): FastifyReply =>
    reply.header('cache-control', `public, max-age=${seconds}`);

  const itemIdOf = async (id: string): Promise<Buffer> =>
    id.length === ITEM_ID_LENGTH ? Buffer.from(id, 'base64url') : orNotFound((await uploads.find(id))?.itemId);

  app.get<{ Params: Static<typeof StatusParams> }>(
    '/tx/:id/status',
    { schema: { tags: ['items'], summary: 'State of an item', params: StatusParams, response: { 200: ItemStatus } } },
    async (request, reply) => {
      const id = await itemIdOf(request.params.id);
      const state = await items.findState(id);
      const status = state ? itemStatus(state) : nestedStatus(orNotFound(await nestedItems.find(id)));
      return cache(reply, status.status === 'FINALIZED' ? 86_400 : 15).send(status);
    },
  );

  app.get<{ Params: Static<typeof ItemParams> }>(
    '/tx/:id/offsets',
    {
      schema: {
        tags: ['items'],
        summary: 'Position of an item in its bundle, and in the item that holds it',
        params: ItemParams,
        response: { 200: ItemOffsets },
      },
    },
    async (request, reply) => {
      const id = Buffer.from(request.params.id, 'base64url');
      const state = await items.findState(id);
      const offsets = state ? itemOffsets(state) : nestedOffsets(orNotFound(await nestedItems.find(id)));
      return cache(reply, 60).send(orNotFound(offsets));
    },
  );
}

/** Characters of 32 bytes in base64url; an upload's UUID has fewer. */
const ITEM_ID_LENGTH = 43;

function orNotFound<Found>(found: Found | null | undefined): Found {
  if (found === undefined || found === null) throw new ApiError('not_found');
  return found;
}
