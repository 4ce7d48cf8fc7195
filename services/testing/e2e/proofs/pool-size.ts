import { setTimeout as wait } from 'node:timers/promises';
import type { Context, Proof } from '../kit/context.ts';
import { until } from '../kit/until.ts';

/** More than the largest pool of a worker, which it would bound otherwise. */
const POOL = 12;
/** Status reads at once: many more than all connections. */
const READS = 100;
const UNKNOWN = 'A'.repeat(43);

/** The connections of the upload API while its queries are held for moments, so that it opens all that it may. */
async function connectionsWhenFull({ platform }: Context): Promise<number> {
  const url = `${await platform.url()}/v1/tx/${UNKNOWN}/status`;
  const held = platform.sql(`do $$ begin lock table data_items in access exclusive mode; perform pg_sleep(4); end $$`);
  await wait(500);
  const reads = Array.from({ length: READS }, () => fetch(url).then((answer) => answer.text()));
  await wait(2500);
  const [row] = await platform.sql<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where application_name = 'bundler-upload' and datname = current_database()`,
  );
  await Promise.all([held, ...reads]);
  return row?.n ?? 0;
}

/** A new pool size replaces the pods that have such a pool, and the database sees it. */
export const poolSize: Proof = {
  title: 'database.pool.max rolls the right Deployments',
  async run(context) {
    const { platform } = context;
    const [upload, workers] = [await platform.uids('upload'), await platform.uids('workers-plan')];
    const generation = await platform.edit({ database: { pool: { max: POOL } } });
    await platform.settled(generation, 180);
    const [newUpload, newWorkers] = [await platform.uids('upload'), await platform.uids('workers-plan')];
    if (newUpload.some((uid) => upload.includes(uid))) throw new Error('an upload pod was not replaced');
    if (newWorkers.join() !== workers.join())
      throw new Error('the plan workers were replaced, and their pool is smaller');
    const expected = POOL * newUpload.length;
    const open = await until(`${expected} connections of the upload API`, 60, async () => {
      const open = await connectionsWhenFull(context);
      return open === expected && open;
    });
    return `${newUpload.length} upload pods replaced, plan workers kept; pg_stat_activity shows ${open} = ${newUpload.length} × ${POOL}`;
  },
};
