import type { Proof } from '../kit/context.ts';
import { runLoadJob } from '../kit/load-job.ts';
import type { Deployment } from '../kit/objects.ts';
import { POSTING, slowPosts } from '../kit/slow-posts.ts';
import { until } from '../kit/until.ts';

const count = (verdicts: string): string =>
  `${verdicts.split('\n').filter((line) => /^ +ok /.test(line)).length} verdicts good`;

/** The chart's Job signs a corpus and runs a suite beside the platform. */
export const loadJob: Proof = {
  title: 'The k6 Job of the chart runs smoke',
  run: async (context) => count(await runLoadJob(context, 'smoke')),
};

/** A burst of uploads brings workers, and the silence after it takes them away again. */
export const autoscaleJob: Proof = {
  title: 'The k6 suite autoscale brings workers and loses them again',
  async run(context) {
    await slowPosts(context);
    let most = 0;
    const look = async (): Promise<number> => {
      const { spec } = await context.kubectl.get<Deployment>('deployment', POSTING);
      most = Math.max(most, spec.replicas);
      return spec.replicas;
    };
    const few = await look();
    const verdicts = await runLoadJob(context, 'autoscale', async () => void (await look()));
    await until(`${POSTING} scales up`, 120, async () => (await look(), most > few));
    await until(`${POSTING} scales down`, 420, async () => (await look()) === few);
    return `${few} → ${most} → ${few} pods; ${count(verdicts)}`;
  },
};
