import type { DataItems, ItemProgress, MultipartProgress, MultipartUploads, ProgressBoard } from '@bundler/adapters';
import type { Progress, ProgressStage } from '@bundler/contract';

/** Somebody who knows how far uploads are. */
export interface ProgressSource {
  /** As metrics name it. */
  readonly name: string;
  /** What it knows of these ids, by id. Asked about all of them at once; ids of a form that is not its own are unknown to it. */
  find(ids: readonly string[]): Promise<ReadonlyMap<string, Progress>>;
}

/** Uploads whose bytes are still coming, to whatever process. */
export function uploadsUnderWay(board: Pick<ProgressBoard, 'read'>): ProgressSource {
  return {
    name: 'reports',
    find: async (ids) => {
      const reports = await board.read(ids);
      return new Map([...reports].map(([id, report]) => [id, { id, ...report } as Progress]));
    },
  };
}

/** Items that were accepted. */
export function acceptedItems(items: Pick<DataItems, 'findProgress'>): ProgressSource {
  return {
    name: 'items',
    find: async (ids) => {
      const own = ids.filter((id) => ID.test(id));
      if (own.length === 0) return new Map();
      const rows = await items.findProgress(own.map((id) => Buffer.from(id, 'base64url')));
      return new Map([...rows].map(([id, row]) => [id, itemProgress(id, row)]));
    },
  };
}

/** Uploads in parts, by the ids of the uploads: their parts, and then the items that became of them. */
export function uploadsInParts(
  uploads: Pick<MultipartUploads, 'findProgress'>,
  items: Pick<DataItems, 'findProgress'>,
): ProgressSource {
  return {
    name: 'multipart',
    find: async (ids) => {
      const found = await uploads.findProgress(ids);
      const accepted = [...found.values()].flatMap(({ itemId }) => itemId ?? []);
      const rows = accepted.length > 0 ? await items.findProgress(accepted) : new Map<string, ItemProgress>();
      return new Map([...found].map(([id, upload]) => [id, multipartProgress(upload, rows)]));
    },
  };
}

function multipartProgress(
  { id, state, itemId, byteCount, failedReason }: MultipartProgress,
  items: ReadonlyMap<string, ItemProgress>,
): Progress {
  if (failedReason !== null) return { id, stage: 'failed', reason: failedReason };
  const dataItemId = itemId?.toString('base64url');
  const item = dataItemId && items.get(dataItemId);
  if (item) return { ...itemProgress(id, item), dataItemId };
  if (state === 'assembling') return { id, stage: 'receiving', receivedByteCount: byteCount };
  // A replica that is behind does not have the item yet; and parts are freed only after it has.
  return { id, stage: 'stored', receivedByteCount: byteCount, totalByteCount: byteCount };
}

const ID = /^[A-Za-z0-9_-]{43}$/;

/** What followers are told of a row. */
export function itemProgress(id: string, row: Omit<ItemProgress, 'id'>): Progress {
  const common = { id, receivedByteCount: row.byteCount, totalByteCount: row.byteCount };
  if (row.failedReason !== null) return { ...common, stage: 'failed', reason: row.failedReason };
  const bundle = row.bundleTxId ? { bundleId: row.bundleTxId.toString('base64url') } : {};
  return { ...common, stage: stages[row.bundleState ?? ''] ?? 'accepted', ...bundle };
}

/** A bundle that is prepared has an id and is not yet on its way: nothing that a follower could tell from planned. */
const stages: Readonly<Record<string, ProgressStage>> = {
  planned: 'planned',
  prepared: 'planned',
  posted: 'posted',
  seeded: 'seeded',
  permanent: 'permanent',
};
