import { type Context, PLATFORM, type Proof } from '../kit/context.ts';
import type { Kubectl } from '../kit/kubectl.ts';
import { until } from '../kit/until.ts';

/** The kubelet brings a changed ConfigMap within a minute and a half. */
const REFRESH_SECONDS = 120;

/** What one pod says of itself. */
async function metric(kubectl: Kubectl, pod: string, name: string): Promise<number> {
  const code = `fetch("http://127.0.0.1:9301/bundler_metrics").then(r=>r.text()).then(console.log)`;
  const text = await kubectl.run(['exec', pod, '--', 'node', '--eval', code]);
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.e+]+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

async function everyPodObeys({ kubectl, platform }: Context, generation: number): Promise<number> {
  const pods = await platform.pods();
  const obeyed = await Promise.all(pods.map((pod) => metric(kubectl, pod.metadata.name, 'live_settings_generation')));
  return obeyed.every((value) => value === generation) ? pods.length : 0;
}

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
    const pods = await until(`every pod obeys generation ${generation}`, REFRESH_SECONDS, async () => {
      return (await everyPodObeys(context, generation)) || undefined;
    });
    const took = Math.round((performance.now() - since) / 1000);
    if ((await platform.uids()).join() !== before.join()) throw new Error('pods were replaced');
    const log = await kubectl.run(['logs', `deployment/${PLATFORM}-plan`, '--since=30s']);
    const debug = log.split('\n').filter((line) => line.includes('"level":"debug"')).length;
    if (debug === 0) throw new Error('the plan workers write no debug lines');
    return `${pods} pods obey generation ${generation} after ${took} s, all UIDs unchanged, ${debug} debug lines from plan`;
  },
};
