import type { DataItems, ItemProgress, ProgressBoard } from '@bundler/adapters';
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
