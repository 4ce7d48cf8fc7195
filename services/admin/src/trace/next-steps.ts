import type { ItemTrace, JobRecord } from '@bundler/adapters';
import { redactText } from '@bundler/runtime';

/** How people go on from here. @param jobs undefined when the queues did not answer */
export function nextSteps(trace: ItemTrace, jobs: readonly JobRecord[] | undefined): string[] {
  return [...aboutTheItem(trace), ...aboutTheJobs(trace, jobs)];
}

function aboutTheItem({ item, bundle, upload, nested, opticalBacklog }: ItemTrace): string[] {
  if (!item && upload) return [aboutTheUpload(upload.state)];
  if (!item && nested.length > 0)
    return [`It is inside of another item: trace ${nested[0]!.rootItemId.toString('base64url')}.`];
  if (!item) return ['It was never accepted here, or it was so long ago that its row is gone: ask a gateway.'];
  const optical =
    opticalBacklog.length > 0 ? ['Optical bridges wait for its header: look at the queue optical-post.'] : [];
  if (item.failedAt) return [...aboutTheFailure(item.failedReason), ...optical];
  if (!bundle)
    return ['It waits for a bundle: the queue plan packs it when a bundle is full, or when it is overdue.', ...optical];
  return [aboutTheBundle(bundle.state), ...optical];
}

function aboutTheFailure(reason: string | null): string[] {
  const again = 'Whoever sends the same item again gives it another life, under the same id.';
  if (reason === 'too_many_failures')
    return ['Its bundles failed again and again: look at "bundle failed" in the log of the workers.', again];
  return [`It failed for good (${reason ?? 'no reason'}).`, again];
}

function aboutTheUpload(state: string): string {
  if (state === 'assembling') return 'Parts are still missing, or nobody has asked to finalize it.';
  if (state === 'failed' || state === 'expired')
    return 'It has ended and frees its parts; the sender has to begin anew.';
  return 'It is being verified: look at the queue finalizeUpload.';
}

function aboutTheBundle(state: string): string {
  switch (state) {
    case 'permanent':
      return 'Nothing is left to do: it is permanent.';
    case 'seeded':
      return 'All of it is on the network: the queue verify waits for its confirmations.';
    case 'failed':
      return 'Its bundle has failed, and the item is about to wait for another one.';
    default:
      return `Its bundle is ${state}: the queue ${NEXT_QUEUE[state] ?? 'redrive'} moves it on.`;
  }
}

const NEXT_QUEUE: Readonly<Record<string, string>> = { planned: 'prepare', prepared: 'post', posted: 'seed' };

function aboutTheJobs({ item, bundle }: ItemTrace, jobs: readonly JobRecord[] | undefined): string[] {
  if (!jobs)
    return ['The queues did not answer, so jobs are not shown; nothing depends on them, the re-driver adds them anew.'];
  const failed = jobs.filter(({ state }) => state === 'failed');
  const steps = failed.map(
    ({ queue, attempts, failedReason }) =>
      `A job of ${queue} failed after ${attempts} tries (${firstLine(failedReason)}): mend the cause, then retry it: POST /admin/v1/queues/${queue}/retry.`,
  );
  const isUnderWay = bundle && !['permanent', 'failed', 'seeded'].includes(bundle.state) && !item?.failedAt;
  const isLive = jobs.some(({ state }) => ['waiting', 'active', 'delayed', 'prioritized'].includes(state));
  if (isUnderWay && !isLive)
    steps.push(
      'No job is about its bundle now: the queue redrive adds one when the bundle has stood still long enough.',
    );
  return steps;
}

const firstLine = (reason: string | undefined): string =>
  redactText(reason ?? 'no reason')
    .split('\n')[0]!
    .slice(0, 200);
