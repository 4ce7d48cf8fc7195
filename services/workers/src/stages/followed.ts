import type { BundleState, TracedItem } from '@bundler/adapters';
import type { PayloadOf, QueueName } from '@bundler/contract';
import type { SpanAttributes, Tracing } from '@bundler/runtime';
import type { Stage, StageContext } from './stage.ts';

/** The queues whose jobs are each about one bundle. */
type BundleQueue = {
  [Name in QueueName]: PayloadOf<Name> extends { readonly bundleId: string } ? Name : never;
}[QueueName];

/** Traced items of a bundle that are told how far it is, and those that the bundle's own span links to. */
const MAX_TOLD = 256;
const MAX_LINKS = 32;

/**
 * A stage whose work on a bundle that holds traced items is traced: in a span of the bundle's, and, when the bundle moved, in
 * one of each item, so that the trace of an upload goes on to where its bytes are. Bundles without such items leave none.
 *
 * @param looks whether the stage mostly looks and finds nothing: only what moves the bundle is told of then
 */
export function followed<Name extends BundleQueue>(name: Name, stage: Stage<Name>, looks = false): Stage<Name> {
  return (context) => {
    const handler = stage(context);
    const { tracing } = context;
    if (!tracing) return handler;
    return async (payload, signal) => {
      const { bundleId } = payload as { bundleId: string };
      const items = await context.bundles.tracedItems(bundleId, MAX_TOLD);
      if (items.length === 0) return handler(payload, signal);
      const work = () => moving(bundleId, items, context, tracing, () => handler(payload, signal));
      return looks ? work() : inBundleSpan(name, bundleId, items, tracing, work);
    };
  };
}

/** Traces what planned a bundle, in the same way. @param startedAt Unix milliseconds */
export async function followPlanned(
  bundleId: string,
  startedAt: number,
  { bundles, tracing }: StageContext,
  next: () => Promise<void>,
): Promise<void> {
  const items = tracing ? await bundles.tracedItems(bundleId, MAX_TOLD) : [];
  if (!tracing || items.length === 0) return next();
  return inBundleSpan('plan', bundleId, items, tracing, async () => {
    tell(items, 'planned', { 'bundle.id': bundleId }, startedAt, tracing);
    await next();
  });
}

function inBundleSpan<T>(
  name: QueueName,
  bundleId: string,
  items: readonly TracedItem[],
  tracing: Tracing,
  work: () => Promise<T>,
): Promise<T> {
  const links = items.slice(0, MAX_LINKS).map(({ traceParent }) => traceParent);
  const attributes = { 'bundle.id': bundleId, 'bundle.traced_items': items.length };
  return tracing.span(`${name} bundle`, { links, attributes, sampled: true }, work);
}

/** Does the work, and tells the items when it has moved their bundle. */
async function moving(
  bundleId: string,
  items: readonly TracedItem[],
  { bundles, now }: StageContext,
  tracing: Tracing,
  work: () => Promise<void>,
): Promise<void> {
  const startedAt = now();
  const before = (await bundles.find(bundleId))?.state;
  await work();
  const after = await bundles.find(bundleId);
  if (!after || after.state === before) return;
  const txId = after.txId?.toString('base64url');
  tracing.set({ 'arweave.tx.id': txId });
  tell(items, after.state, { 'bundle.id': bundleId, 'arweave.tx.id': txId }, startedAt, tracing);
}

function tell(
  items: readonly TracedItem[],
  state: BundleState,
  attributes: SpanAttributes,
  startedAt: number,
  tracing: Tracing,
): void {
  const bundle = tracing.traceParent();
  for (const { id, traceParent: parent } of items) {
    const own = { 'ans104.id': id.toString('base64url'), ...attributes };
    tracing.record(state, { parent, attributes: own, links: bundle === undefined ? [] : [bundle] }, startedAt);
  }
}
