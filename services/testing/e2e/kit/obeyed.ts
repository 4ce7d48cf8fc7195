import type { Context } from './context.ts';
import type { Kubectl } from './kubectl.ts';
import { until } from './until.ts';

/** The kubelet brings a changed ConfigMap within a minute and a half. */
const REFRESH_SECONDS = 120;

/** What one pod says of itself. */
async function metric(kubectl: Kubectl, pod: string, name: string): Promise<number> {
  const code = `fetch("http://127.0.0.1:9301/bundler_metrics").then(r=>r.text()).then(console.log)`;
  const text = await kubectl.run(['exec', pod, '--', 'node', '--eval', code]);
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? ([\\d.e+]+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

async function obeying({ kubectl, platform }: Context, generation: number): Promise<number> {
  const pods = await platform.pods();
  const obeyed = await Promise.all(pods.map((pod) => metric(kubectl, pod.metadata.name, 'live_settings_generation')));
  return obeyed.every((value) => value === generation) ? pods.length : 0;
}

/** Waits until every pod obeys the live settings of a generation, and tells how many pods that are. */
export function untilObeyed(context: Context, generation: number): Promise<number> {
  return until(`every pod obeys generation ${generation}`, REFRESH_SECONDS, async () => {
    return (await obeying(context, generation)) || undefined;
  });
}
