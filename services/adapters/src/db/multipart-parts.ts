import type { Knex } from 'knex';

/** One stored part of a multipart upload: an object, and which bytes of the data item it holds. */
export interface Part {
  /** UUID; a part that is sent again gets another one. */
  readonly id: string;
  /** First byte of the part in the data item. */
  readonly offset: number;
  readonly byteCount: number;
  readonly objectKey: string;
}

/** The parts of the given uploads, each upload's in order of offset. */
export async function partsOf(db: Knex, uploadIds: readonly string[]): Promise<Map<string, Part[]>> {
  const byUpload = new Map<string, Part[]>();
  if (uploadIds.length === 0) return byUpload;
  const result = await db.raw<{ rows: (Part & { uploadId: string })[] }>(
    `select upload_id as "uploadId", id, part_offset as "offset", byte_count as "byteCount", object_key as "objectKey"
     from multipart_parts where upload_id = any(?::uuid[]) order by upload_id, part_offset`,
    [uploadIds as never],
  );
  for (const { uploadId, ...part } of result.rows) {
    const parts = byUpload.get(uploadId);
    if (parts) parts.push(part);
    else byUpload.set(uploadId, [part]);
  }
  return byUpload;
}
