import { type QueueName, queues } from '@bundler/contract';
import { nextQueue, wake } from './lane.ts';
import { settleReservations } from './settle-reservations.ts';
import type { Stage, StageContext } from './stage.ts';

/** Pieces of work of one kind put back in one go; the next tick takes more. */
const LIMIT = 500;

/** Finds work whose job was lost, however it was, and adds it again. */
export const redrive: Stage<'redrive'> = (context) => async () => {
  await redriveFinalizations(context);
  await redriveBundles(context);
  await redriveNested(context);
  await redriveOptical(context);
  await redrivePayment(context);
};

async function redriveFinalizations({ config, jobs, logger, metrics, uploads }: StageContext): Promise<void> {
  const unfinished = await uploads.takeStill(config.redriveAfter, LIMIT);
  for (const uploadId of unfinished) await jobs.add('finalizeUpload', { uploadId });
  metrics.finalizationsRedriven.inc(unfinished.length);
  if (unfinished.length > 0) logger.warn({ uploads: unfinished.length }, 'finalizations stood still; put back to work');
}

async function redriveBundles(context: StageContext): Promise<void> {
  const { bundles, config, logger, metrics } = context;
  for (const state of Object.keys(nextQueue) as (keyof typeof nextQueue)[]) {
    const still = await bundles.takeStill(state, config.redriveAfter, LIMIT);
    for (const bundle of still) await wake(bundle, state, context);
    metrics.redriven.inc({ state }, still.length);
    if (still.length > 0) logger.warn({ state, bundles: still.length }, 'bundles stood still; put back to work');
  }
}

async function redriveNested(context: StageContext): Promise<void> {
  const { config, jobs, unbundlings } = context;
  const items = await unbundlings.takeStill(config.redriveAfter, LIMIT);
  for (const id of items) await jobs.add('unbundleBdi', { itemId: id.toString('base64url') });
  report('unbundleBdi', items.length, context);
  const batches = await unbundlings.takeStillBatches(config.redriveAfter, LIMIT);
  for (const { itemId, batch } of batches) {
    await jobs.add('putOffsets', { itemId: itemId.toString('base64url'), batch });
  }
  report('putOffsets', batches.length, context);
}

async function redriveOptical(context: StageContext): Promise<void> {
  const { config, deliveries, jobs } = context;
  const behind = await deliveries.behind(config.opticalBridgeUrls, config.redriveAfter);
  for (const bridge of behind) await jobs.add('opticalPost', { bridge });
  report('opticalPost', behind.length, context);
}

async function redrivePayment(context: StageContext): Promise<void> {
  const { config, jobs, logger, settlement, settlements } = context;
  if (!settlement) return;
  const segments = await settlements.takeStillCaptures(config.redriveAfter, LIMIT);
  for (const segmentId of segments) await jobs.add('newDataItem', { segmentId, paid: true });
  report('newDataItem', segments.length, context);
  if (await settlements.isRefundStill(config.redriveAfter)) {
    await jobs.add('refundBalance', {});
    report('refundBalance', 1, context);
  }
  // It waits for another service: everything else must be done by then.
  await settleReservations(context).catch((error: unknown) => {
    logger.warn({ err: error }, 'reservations cannot be settled now; the next tick comes');
  });
}

function report(queue: QueueName, still: number, { logger, metrics }: StageContext): void {
  const { name } = queues[queue];
  metrics.stillRedriven.inc({ queue: name }, still);
  if (still > 0) logger.warn({ queue: name, jobs: still }, 'work stood still; put back');
}
