import type { Context } from './context.ts';
import type { Job } from './objects.ts';
import { platformRelease } from './releases.ts';
import { until } from './until.ts';

const COMPONENT = 'app.kubernetes.io/component=load-test';
const SECONDS = 600;
/** Many pods, k6 and a control plane share what may be two cores: a tenth of the plan's rates, and no verdict on time. */
const gentle = { size: 'short', scale: 0.1, slack: 60 };

/**
 * Runs a load suite as the chart's Job does, to its end.
 *
 * @param look is called about once a second meanwhile
 * @returns k6's verdicts, a line each
 * @throws Error with the Job's log when it failed
 */
export async function runLoadJob(context: Context, suite: string, look = async () => {}): Promise<string> {
  const { helm, images, kubectl } = context;
  const release = platformRelease(context);
  const loadTest = { ...gentle, enabled: true, suite, image: images.k6 };
  await helm.install({ ...release, values: { ...release.values, loadTest } }, false);
  const log = async () =>
    (await kubectl.run(['logs', `--selector=${COMPONENT}`, '--container=k6', '--tail=100'])).trim();
  try {
    const { failed } = await until(`the Job of ${suite} ends`, SECONDS, async () => {
      await look();
      const [job] = await kubectl.list<Job>('jobs', COMPONENT);
      return job?.status?.succeeded || job?.status?.failed ? job.status : undefined;
    });
    const verdicts = await log();
    if (failed) throw new Error(`${suite} failed:\n${verdicts}`);
    return verdicts;
  } finally {
    await helm.install(release, false);
  }
}
