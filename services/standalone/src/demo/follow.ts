import { setTimeout as delay } from 'node:timers/promises';
import type { BundlerClient, ItemStatus } from '@bundler/client';
import { viewBundle } from './gateway-view.ts';
import { describeStage } from './stage.ts';

export interface Followed {
  readonly name: string;
  readonly id: string;
}

export interface FollowOptions {
  readonly client: BundlerClient;
  readonly gateway: string;
  readonly confirmations: number;
  readonly timeoutMs: number;
  readonly print: (line: string) => void;
}

const LOOK_MS = 300;

/** Follows items until they are permanent, printing each step. Throws when one fails or the time is over. */
export async function followItems(items: readonly Followed[], options: FollowOptions): Promise<ItemStatus[]> {
  return Promise.all(items.map((item) => follow(item, options)));
}

async function follow({ name, id }: Followed, options: FollowOptions): Promise<ItemStatus> {
  const start = performance.now();
  let shown = '';
  while (performance.now() - start < options.timeoutMs) {
    const status = await options.client.status(id);
    const view = await viewBundle(options.gateway, status?.bundleId, id);
    const stage = describeStage(status, view, options.confirmations);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    if (stage !== shown) options.print(`  ${seconds.padStart(5)} s  ${name.padEnd(8)}  ${stage}`);
    shown = stage;
    if (status?.info === 'permanent') return status;
    if (status?.info === 'failed') throw new Error(`${name} item ${id} ${stage}`);
    await delay(LOOK_MS);
  }
  throw new Error(`${name} item ${id} is not permanent after ${options.timeoutMs / 1000} s: ${shown}`);
}
