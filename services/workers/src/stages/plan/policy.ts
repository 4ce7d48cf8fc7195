import type { WaitingItem } from '@bundler/adapters';
import { bundleHeaderByteCount } from '@bundler/ans104';

export interface PackingLimits {
  readonly maxItems: number;
  /** Most bytes of items in one bundle. A larger item is set aside, alone. */
  readonly maxBytes: number;
  /** An item that has waited longer is bundled with whatever is there, milliseconds. */
  readonly overdueMs: number;
}

export interface Packing {
  readonly items: readonly WaitingItem[];
  /**
   * `full` goes at once, and so does `oversized`, one item that is too large for a bundle; `overdue` goes because an item
   * waited long enough; `waiting` waits for more.
   */
  readonly state: 'full' | 'oversized' | 'overdue' | 'waiting';
}

/**
 * Takes items in their order until the next would not fit. What fits into no bundle goes first: among the others it would
 * only end their bundle early.
 *
 * @param waiting oldest first
 * @param now Unix milliseconds
 */
export function pack(waiting: readonly WaitingItem[], limits: PackingLimits, now: number): Packing {
  const oversized = waiting.find((item) => item.byteCount > limits.maxBytes);
  if (oversized) return { items: [oversized], state: 'oversized' };
  const items: WaitingItem[] = [];
  let byteCount = 0;
  for (const item of waiting) {
    if (items.length >= limits.maxItems || byteCount + item.byteCount > limits.maxBytes) break;
    items.push(item);
    byteCount += item.byteCount;
  }
  const full = items.length < waiting.length || items.length >= limits.maxItems || byteCount >= limits.maxBytes;
  const overdue = items.some((item) => now - item.receivedAt >= limits.overdueMs);
  return { items, state: full ? 'full' : overdue ? 'overdue' : 'waiting' };
}

/** Whether it is worth taking locks to pack what waits. */
export function worthPacking(
  waiting: { readonly count: number; readonly byteCount: number; readonly oldest: number },
  limits: PackingLimits,
  now: number,
): boolean {
  if (waiting.count === 0) return false;
  const mayFill = waiting.count >= limits.maxItems || waiting.byteCount >= limits.maxBytes;
  return mayFill || now - waiting.oldest >= limits.overdueMs;
}

/** Where each item will stand in its bundle, and how long the bundle will be. */
export function layOut(items: readonly WaitingItem[]): {
  byteCount: number;
  items: { id: Buffer; bundleOffset: number }[];
} {
  let offset = bundleHeaderByteCount(items.length);
  const placed = items.map((item) => {
    const bundleOffset = offset;
    offset += item.byteCount;
    return { id: item.id, bundleOffset };
  });
  return { byteCount: offset, items: placed };
}
