import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type AcceptedItem, DataItems } from '@bundler/adapters';
import { openTestDatabase } from '../../src/database.ts';
import { cpuBetween, readCpu, totalCpu } from '../system/cpu.ts';
import { type Stack, withStack } from '../system/stack.ts';
import type { Bench } from './bench.ts';

/** What it costs to plan a backlog, and before that to insert its rows. */
export interface PlanningResult {
  readonly rows: number;
  /** CPU milliseconds of PostgreSQL for one row that is inserted in groups of `ROWS_A_GROUP`. */
  readonly insertCpuMs: number;
  /** CPU milliseconds of the worker and PostgreSQL for one item that is planned. */
  readonly planCpuMs: number;
  readonly plannedPerSecond: number;
}

const ROWS = 50_000;
const ROWS_A_GROUP = 100;
const ITEM_BYTES = 2100;
/** The worker has started and rests before its first tick comes, so that its start is not counted. */
const TICK_MS = 5000;
const START_MS = 2500;
const TIMEOUT_MS = 120_000;

export function measurePlanning(bench: Bench): Promise<PlanningResult> {
  return withStack({ jwk: bench.jwk, apis: 0, workers: 0 }, async (stack) => {
    bench.show(`inserting ${ROWS} rows`);
    const beforeRows = readCpu(stack.groups());
    await insertRows(stack);
    const insertCpuMs = (cpuBetween(beforeRows, readCpu(stack.groups())).PostgreSQL! * 1000) / ROWS;
    bench.show(`planning ${ROWS} items`);
    const started = performance.now();
    await stack.startWorker('plan', { PLAN_INTERVAL_MS: String(TICK_MS), OVERDUE_DATA_ITEM_THRESHOLD_MS: '86400000' });
    await wait(Math.max(0, started + START_MS - performance.now()));
    const before = readCpu(stack.groups());
    const seconds = await untilPlanned(stack);
    const { workers = 0, PostgreSQL = 0 } = cpuBetween(before, readCpu(stack.groups()));
    const planCpuMs = (totalCpu({ workers, PostgreSQL }) * 1000) / ROWS;
    const plannedPerSecond = ROWS / seconds;
    bench.print(
      `planning: ${planCpuMs.toFixed(4)} ms CPU an item (worker and PostgreSQL), ${plannedPerSecond.toFixed(0)} ` +
        `items/s; inserting a row in groups of ${ROWS_A_GROUP}: ${insertCpuMs.toFixed(4)} ms CPU of PostgreSQL`,
    );
    return { rows: ROWS, insertCpuMs, planCpuMs, plannedPerSecond };
  });
}

/** Seconds from the first planned item to the last. */
async function untilPlanned({ rows }: Stack): Promise<number> {
  const deadline = performance.now() + TIMEOUT_MS;
  let first: number | undefined;
  for (;;) {
    const waiting = await rows.waiting();
    const now = performance.now();
    if (waiting === ROWS) first = now;
    if (waiting === 0) return (now - (first ?? now)) / 1000;
    if (now > deadline) throw new Error(`${waiting} of ${ROWS} items still wait after ${TIMEOUT_MS} ms`);
    await wait(100);
  }
}

async function insertRows(stack: Stack): Promise<void> {
  const database = await openTestDatabase(stack.backends.databaseUrl);
  try {
    const items = new DataItems(database);
    for (let inserted = 0; inserted < ROWS; inserted += ROWS_A_GROUP) {
      const id = randomUUID();
      const segment = { id, objectKey: `segments/${id.slice(0, 2)}/${id}`, byteCount: ROWS_A_GROUP * ITEM_BYTES };
      await items.insertGroup(
        segment,
        Array.from({ length: ROWS_A_GROUP }, (_, index) => item(index)),
      );
    }
  } finally {
    await database.close();
  }
}

function item(index: number): AcceptedItem {
  return {
    id: randomBytes(32),
    ownerAddress: 'an-address-of-43-characters-as-all-of-them-',
    receivedAt: Date.now(),
    deadlineHeight: 1000,
    winc: '0',
    receiptKey: 'an-address-of-43-characters-as-all-of-them-',
    segmentOffset: index * ITEM_BYTES,
    byteCount: ITEM_BYTES,
    payloadStart: 1076,
    contentType: 'application/octet-stream',
    signatureType: 1,
    featureType: 'default',
    carriesBundle: false,
  };
}
