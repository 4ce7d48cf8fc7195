import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance, FastifyServerOptions, HTTPMethods } from 'fastify';
import { addRoutes, createApp } from './app.ts';
import { Chain, type OrphanedTxs } from './chain/chain.ts';
import { ChunkStore } from './chunks/chunk-store.ts';
import { FaultList } from './faults/fault-list.ts';
import { RequestCounts } from './http/request-counts.ts';
import type { DataItem } from './items/data-item.ts';
import { Indexer } from './items/indexer.ts';
import { ItemIndex } from './items/item-index.ts';
import type { GatewayParts } from './parts.ts';
import { defaultPrice, movedPrice, type Price } from './price.ts';

/** How to run a development gateway. */
export interface GatewayOptions {
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** Absent: this machine only. */
  readonly host?: string;
  /** Where chunks and the journal are kept. One gateway at a time. */
  readonly dataDir: string;
  /** Milliseconds between blocks; 0 or absent: mined on demand only. */
  readonly blockIntervalMs?: number;
  readonly price?: Price;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
  readonly logger?: FastifyServerOptions['logger'];
}

/** A running development gateway. */
export interface Gateway {
  readonly url: string;
  readonly port: number;
  readonly faults: Pick<FaultList, 'add' | 'clear' | 'list'>;
  readonly requests: Pick<RequestCounts, 'of' | 'all' | 'reset'>;
  /** Mines blocks, one unless told otherwise. */
  mine(blocks?: number): void;
  /** Gives winston to an address. */
  mint(address: string, winston: bigint): void;
  /** Winston an address has, what its pending transactions cost taken off. */
  balance(address: string): bigint;
  /** Moves the price to a percentage of the configured one. */
  movePrice(percent: number): void;
  /** Replaces the newest blocks by empty ones; answers the ids of the transactions that were in them. */
  reorg(depth: number, orphanedTxs?: OrphanedTxs): string[];
  /** Every mined place of a data item: more than one means that it was bundled twice. */
  placesOf(itemId: string): readonly DataItem[];
  /** Resolves when all bundles that are mined and complete have been unbundled. */
  settled(): Promise<void>;
  /** Stops. What was answered is on disk. */
  close(): Promise<void>;
}

/**
 * Starts a development gateway: a one-node Arweave network with a gateway before it, that refuses what the real ones
 * refuse.
 *
 * @throws Error if the port is taken or the journal in `dataDir` is damaged.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  mkdirSync(options.dataDir, { recursive: true });
  const app = createApp(options.logger);
  const parts = assemble(options, app);
  addRoutes(app, parts);
  for (const { id } of parts.chain.state.placements) parts.indexer.consider(id);
  try {
    await app.listen({ port: options.port ?? 0, host: options.host ?? '127.0.0.1' });
  } catch (error) {
    parts.chain.close();
    throw error;
  }
  const interval = options.blockIntervalMs ?? 0;
  const timer = interval > 0 ? setInterval(() => parts.chain.mine(), interval) : undefined;
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    await app.close();
    await parts.indexer.stop();
    parts.chain.close();
  };
  return handle(parts, app.server.address() as AddressInfo, stop);
}

function assemble(
  { dataDir, clock = Date.now, price = defaultPrice }: GatewayOptions,
  app: FastifyInstance,
): GatewayParts {
  const store = new ChunkStore(join(dataDir, 'chunks'));
  let indexer: Indexer | undefined;
  const chain = new Chain({
    journalPath: join(dataDir, 'journal.jsonl'),
    clock,
    onMined: (ids) => {
      for (const id of ids) indexer?.consider(id);
    },
  });
  const index = new ItemIndex(chain.state);
  const onProblem = (bundle: string, problem: string): void => app.log.warn({ bundle }, problem);
  indexer = new Indexer({ state: chain.state, store, index, onProblem });
  const faults = new FaultList({
    hasRoute: (route) => {
      const [method = '', url = ''] = route.split(' ');
      return app.hasRoute({ method: method as HTTPMethods, url });
    },
    forgetTx: (id) => {
      const known = chain.state.txs.has(id);
      chain.forget([id]);
      return known;
    },
  });
  const currentPrice: Price = (bytes) => movedPrice(price, chain.state.pricePercent)(bytes);
  return { chain, store, index, indexer, faults, requests: new RequestCounts(), clock, price: currentPrice };
}

function handle(parts: GatewayParts, { address, port }: AddressInfo, stop: () => Promise<void>): Gateway {
  const { chain, index, indexer, faults, requests } = parts;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    port,
    faults,
    requests,
    mine: (blocks = 1) => {
      for (let mined = 0; mined < blocks; mined += 1) chain.mine();
    },
    mint: (to, winston) => chain.mint(to, winston),
    balance: (of) => chain.state.balances.get(of) ?? 0n,
    movePrice: (percent) => chain.movePrice(percent),
    reorg: (depth, orphanedTxs = 'pending') => chain.reorg(depth, orphanedTxs),
    placesOf: (itemId) => index.placesOf(itemId),
    settled: () => indexer.settled(),
    close: () => {
      closing ??= stop();
      return closing;
    },
  };
}
