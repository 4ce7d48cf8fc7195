import type { Proof } from '../kit/context.ts';
import { until } from '../kit/until.ts';

const POOL = 9;

/** A new pool size replaces the pods that have such a pool, and the database sees it. */
export const poolSize: Proof = {
  title: 'database.pool.max rolls the right Deployments',
  async run({ platform }) {
    const [upload, workers] = [await platform.uids('upload'), await platform.uids('workers-plan')];
    // Connections that stay open show the size of the pool without load.
    const generation = await platform.edit({ database: { pool: { min: POOL, max: POOL } } });
    await platform.settled(generation, 180);
    const [newUpload, newWorkers] = [await platform.uids('upload'), await platform.uids('workers-plan')];
    if (newUpload.some((uid) => upload.includes(uid))) throw new Error('an upload pod was not replaced');
    if (newWorkers.join() !== workers.join())
      throw new Error('the plan workers were replaced, and their pool is smaller');
    const expected = POOL * newUpload.length;
    const open = await until(`${expected} connections of the upload API`, 60, async () => {
      const rows = await platform.sql<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity where application_name = 'bundler-upload' and datname = current_database()`,
      );
      return rows[0]?.n === expected ? rows[0].n : undefined;
    });
    return `${newUpload.length} upload pods replaced, plan workers kept; pg_stat_activity shows ${open} = ${newUpload.length} × ${POOL}`;
  },
};
