import { setTimeout as wait } from 'node:timers/promises';
import { findApiServer } from '../kit/api-server.ts';
import { LeftOut, type Proof } from '../kit/context.ts';
import { Traffic } from '../kit/traffic.ts';

const FROZEN_MS = 60_000;

/** An API server that answers nobody for a minute costs uploads nothing, and the operator goes on by itself. */
export const apiServerFrozen: Proof = {
  title: 'API server frozen for 60 s',
  async run({ kubectl, platform }) {
    const server = await kubectl.run(['config', 'view', '--minify', '--output=jsonpath={.clusters[0].cluster.server}']);
    const pid = await findApiServer(server);
    if (pid === undefined)
      throw new LeftOut('the API server is no process of this machine, so that it cannot be stopped');
    const before = await platform.uids();
    const { by } = await platform.address();
    if (by !== 'the Service') throw new LeftOut('the Service is reached through the API server itself');
    const traffic = new Traffic(await platform.url(), 500);
    process.kill(pid, 'SIGSTOP');
    try {
      await wait(FROZEN_MS);
    } finally {
      process.kill(pid, 'SIGCONT');
      await traffic.stop();
    }
    const since = performance.now();
    const generation = await platform.edit({ workers: { verify: { concurrency: 3 } } });
    await platform.settled(generation, 120);
    const took = Math.round((performance.now() - since) / 1000);
    if (traffic.failures.length > 0)
      throw new Error(`${traffic.failures.length} uploads failed: ${traffic.failures[0]}`);
    const kept = (await platform.uids()).filter((uid) => before.includes(uid)).length;
    return `${traffic.ids.length} uploads meanwhile, none failed; an edit right after is in force within ${took} s; ${kept} of ${before.length} pods kept`;
  },
};
