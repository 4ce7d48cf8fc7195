import {
  ObjectDamaged,
  type OpticalDeliveries,
  type OpticalDelivery,
  type OpticalHeader,
  type OpticalItem,
  type ReadRange,
  type Settled,
} from '@bundler/adapters';
import { ByteCursor, parseDataItemHeader } from '@bundler/ans104';
import { readExtents } from '../../bundle/read-extents.ts';
import type { HeaderSigner } from './header-signer.ts';

/** Headers for one post, and what is settled by it. */
export interface Batch {
  readonly headers: readonly OpticalHeader[];
  readonly settled: Settled;
  /** Deliveries whose bytes are gone; they are settled too. */
  readonly lost: number;
}

interface Options {
  readonly deliveries: Pick<OpticalDeliveries, 'oldest' | 'items' | 'extents'>;
  readonly read: ReadRange;
  readonly signer: HeaderSigner;
}

/**
 * Puts a bridge's oldest deliveries together until a batch is full, so that a bridge that is far behind catches up in few
 * posts. The order is that of acceptance, and within an item or segment that of the bytes.
 *
 * @returns undefined when nothing is left to be posted
 */
export async function nextBatch(bridge: string, size: number, options: Options): Promise<Batch | undefined> {
  const deliveries = await options.deliveries.oldest(bridge, size);
  if (deliveries.length === 0) return undefined;
  const headers: OpticalHeader[] = [];
  const ended: number[] = [];
  let lost = 0;
  for (const delivery of deliveries) {
    const room = size - headers.length;
    if (room === 0) break;
    const items = await options.deliveries.items(delivery, room);
    const read = await readHeaders(delivery, items, options);
    headers.push(...(read ?? []));
    if (read && items.length === room) {
      const advanced = { id: delivery.id, position: items.at(-1)!.position };
      return { headers, settled: { ended, advanced }, lost };
    }
    if (!read) lost += 1;
    ended.push(delivery.id);
  }
  return { headers, settled: { ended }, lost };
}

/** Undefined when the bytes are gone: their items are permanent by then, or have failed. */
async function readHeaders(
  delivery: OpticalDelivery,
  items: readonly OpticalItem[],
  { deliveries, read, signer }: Options,
): Promise<OpticalHeader[] | undefined> {
  const last = items.at(-1);
  if (!last) return [];
  const extents = await deliveries.extents(delivery);
  if (extents.length === 0) return undefined;
  const cursor = new ByteCursor(readExtents(extents, read), items[0]!.position, last.position + last.payloadStart);
  try {
    const headers: Promise<OpticalHeader>[] = [];
    for (const { position, payloadStart, byteCount, receivedAt } of items) {
      await cursor.moveTo(position);
      const header = parseDataItemHeader(await cursor.peek(payloadStart));
      if (!header) throw new Error(`no header at ${position} of delivery ${delivery.id}`);
      headers.push(signer.sign(header, byteCount, receivedAt));
    }
    return await Promise.all(headers);
  } catch (error) {
    if (error instanceof ObjectDamaged) return undefined;
    throw error;
  } finally {
    await cursor.close();
  }
}
