import type { ItemStatus } from '@bundler/client';

/** What the gateway says of a bundle. */
export interface BundleView {
  /** Undefined while the gateway does not know the transaction. */
  readonly known: boolean;
  readonly confirmations: number | undefined;
  /** Whether the gateway has every chunk and has read the items out of the bundle. */
  readonly unpacked: boolean;
}

/** How far an item has come, in words. */
export function describeStage(status: ItemStatus | undefined, bundle: BundleView, confirmationsNeeded: number): string {
  if (status?.info === 'permanent') return 'permanent';
  if (status?.info === 'failed') return `failed: ${status.reason ?? 'no reason given'}`;
  if (status?.bundleId === undefined) return 'accepted';
  if (!bundle.known) return `planned into bundle ${status.bundleId}`;
  if (bundle.confirmations === undefined) return 'posted';
  const seeded = bundle.unpacked ? ', seeded' : '';
  return `mined${seeded}, ${bundle.confirmations} of ${confirmationsNeeded} confirmations`;
}
