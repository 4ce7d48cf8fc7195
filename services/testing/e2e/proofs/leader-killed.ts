import { setTimeout as wait } from 'node:timers/promises';
import { type Context, OPERATOR, type Proof } from '../kit/context.ts';

const EVERY_MS = 10_000;
const TIMES = 6;

/** Kills the leader at once, as a node that loses its power does. @returns its name */
async function killLeader({ operator }: Context): Promise<string> {
  const lease = (await operator.get('lease', OPERATOR)) as unknown as { spec: { holderIdentity?: string } };
  const pods = await operator.list('pods', 'app.kubernetes.io/name=bundler-operator');
  const leader = pods.find(({ metadata }) => lease.spec.holderIdentity?.startsWith(metadata.name)) ?? pods[0];
  if (!leader) return 'nobody';
  await operator.run(['delete', 'pod', leader.metadata.name, '--grace-period=0', '--force']);
  return leader.metadata.name;
}

/** Changes that are made while leaders die are all carried out, by whoever leads then. */
export const leaderKilled: Proof = {
  title: 'Leader killed every 10 s for a minute',
  async run(context) {
    const { platform } = context;
    const before = await platform.uids();
    const killed = new Set<string>();
    let generation = 0;
    for (let round = 1; round <= TIMES; round += 1) {
      killed.add(await killLeader(context));
      generation = await platform.edit({ workers: { verify: { concurrency: 1 + (round % 4) } } });
      await wait(EVERY_MS);
    }
    await platform.settled(generation, 120);
    const live = (await platform.config()).status?.['liveGeneration'];
    if (live !== generation) throw new Error(`pods are given generation ${live} of the settings, not ${generation}`);
    if ((await platform.uids()).join() !== before.join()) throw new Error('pods of the platform were replaced');
    return `${killed.size} leaders killed, ${TIMES} edits made meanwhile, the last (generation ${generation}) is in force; no pod replaced`;
  },
};
