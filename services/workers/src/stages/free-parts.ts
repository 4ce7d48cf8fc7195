import type { StageContext } from './stage.ts';

/** Deletes the parts of an upload that nobody needs any more. The objects go before their rows, as everywhere. */
export async function freeParts(uploadId: string, { metrics, store, uploads }: StageContext): Promise<void> {
  for (const { objectKey } of await uploads.parts(uploadId)) {
    await store.delete(objectKey);
    metrics.objectsDeleted.inc({ reason: 'part' });
  }
  await uploads.markFreed(uploadId);
}
