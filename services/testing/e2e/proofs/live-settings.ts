import { PLATFORM, type Proof } from '../kit/context.ts';
import { untilObeyed } from '../kit/obeyed.ts';

/** Settings marked live reach running processes: no pod is replaced, no upload dropped. */
export const liveSettings: Proof = {
  title: 'plan concurrency and log level change without a restart',
  async run(context) {
    const { kubectl, platform } = context;
    const before = await platform.uids();
    const since = performance.now();
    const spec = {
      workers: { plan: { concurrency: 3 } },
      observability: { logLevel: 'debug' },
      // For the proofs that follow: all their traffic comes from one address.
      upload: { rateLimit: { enabled: false } },
    };
    const generation = await platform.edit(spec);
    const pods = await untilObeyed(context, generation);
    const took = Math.round((performance.now() - since) / 1000);
    if ((await platform.uids()).join() !== before.join()) throw new Error('pods were replaced');
    const log = await kubectl.run(['logs', `deployment/${PLATFORM}-plan`, '--since=30s']);
    const debug = log.split('\n').filter((line) => line.includes('"level":"debug"')).length;
    if (debug === 0) throw new Error('the plan workers write no debug lines');
    return `${pods} pods obey generation ${generation} after ${took} s, all UIDs unchanged, ${debug} debug lines from plan`;
  },
};
