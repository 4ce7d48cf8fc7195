import { type Context, PLATFORM } from './context.ts';
import { untilObeyed } from './obeyed.ts';

const BUNDLE_ITEMS = 5;
const JOB_MS = 3000;
const QUEUE = 'post';

/** The Deployment whose workers post bundles. */
export const POSTING = `${PLATFORM}-${QUEUE}`;
/** The label of its pods. */
export const POSTING_COMPONENT = `workers-${QUEUE}`;

/** Makes uploads a backlog even on a small cluster: small bundles make many jobs, and a slow network makes each of them long. */
export async function slowPosts(context: Context): Promise<void> {
  const { platform } = context;
  const scaling = { mode: 'Queue', minReplicas: 1, maxReplicas: 4, jobsPerReplica: 10 };
  const generation = await platform.edit({
    pipeline: { maxBundleItems: BUNDLE_ITEMS },
    workers: { scaling: { scaleDownAfter: '30s' }, [QUEUE]: { scaling, concurrency: 2 } },
  });
  await platform.settled(generation, 180);
  // Planners that do not know yet would pack everything into a few bundles.
  await untilObeyed(context, generation);
  const faults = `${await platform.gatewayUrl()}/dev/faults`;
  await fetch(faults, { method: 'DELETE' });
  const answer = await fetch(faults, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ route: 'POST /tx', delayMs: JOB_MS }),
  });
  if (!answer.ok) throw new Error(`the gateway took no fault: ${answer.status}`);
}
