import type { NestedPlace } from '@bundler/adapters';
import type { ItemOffsets, ItemStatus } from '@bundler/contract';

/** What `GET /tx/:id/status` says of an item inside of another one: it is as far as the accepted item that holds it. */
export function nestedStatus(place: NestedPlace): ItemStatus {
  // What it cost was paid for the accepted item.
  const common = { ...content(place), ...parent(place), winc: '0' };
  if (place.failedReason !== null) {
    return { status: 'FAILED', info: 'failed', ...common, reason: place.failedReason };
  }
  if (place.bundleState === null) return { status: 'CONFIRMED', info: 'new', ...common };
  const { rootBundleId, ...root } = rootBundle(place);
  const bundled = { ...common, ...(rootBundleId && { bundleId: rootBundleId }), ...root };
  return place.bundleState === 'permanent'
    ? { status: 'FINALIZED', info: 'permanent', ...bundled }
    : { status: 'CONFIRMED', info: 'pending', ...bundled };
}

/** What `GET /tx/:id/offsets` says of it: where it is in its parent, and in the root bundle once that has an id. */
export function nestedOffsets(place: NestedPlace): ItemOffsets {
  return { dataItemId: place.id.toString('base64url'), ...rootBundle(place), ...content(place), ...parent(place) };
}

function content({ byteCount, contentType, payloadStart }: NestedPlace) {
  return {
    rawContentLength: byteCount,
    payloadContentType: contentType,
    payloadDataStart: payloadStart,
    payloadContentLength: byteCount - payloadStart,
  };
}

function parent({ parentId, startInParentPayload }: NestedPlace) {
  return {
    parentDataItemId: parentId.toString('base64url'),
    startOffsetInParentDataItemPayload: startInParentPayload,
  };
}

function rootBundle({ bundleOffset, bundleTxId, startInRoot }: NestedPlace): {
  rootBundleId?: string;
  startOffsetInRootBundle?: number;
} {
  if (!bundleTxId || bundleOffset === null) return {};
  return { rootBundleId: bundleTxId.toString('base64url'), startOffsetInRootBundle: bundleOffset + startInRoot };
}
