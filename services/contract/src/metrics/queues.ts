import { queues } from '../queues/index.ts';
import { reportedBy } from './define.ts';
import { queueLabel } from './labels.ts';
import { withLegacyNames } from './legacy.ts';

const apis = reportedBy('upload');
const workers = reportedBy('workers');
const queue = queueLabel;
const outcome = ['done', 'failed'];

/** The jobs of other bundlers that do the work of a queue here. Those of the other queues have none that does the same. */
const legacyJobs = {
  job_name: {
    from: 'queue',
    values: {
      [queues.finalizeUpload.name]: 'finalize-upload',
      [queues.unbundleBdi.name]: 'unbundle-bdi',
      [queues.putOffsets.name]: 'put-offsets',
      [queues.opticalPost.name]: 'optical-post',
      [queues.plan.name]: 'plan-bundle',
      [queues.prepare.name]: 'prepare-bundle',
      [queues.post.name]: 'post-bundle',
      [queues.seed.name]: 'seed-bundle',
      [queues.verify.name]: 'verify-bundle',
      [queues.refundBalance.name]: 'refund-balance',
    },
  },
} as const;

/** What waits, as Redis has it. Every API reports the same figures: read them with `max by (queue)`. */
export const queueMetrics = {
  queueDepth: apis.gauge('queue_depth', 'Jobs that wait. Every API reports it: read it with max by (queue).', {
    queue,
  }),
  queueJobs: apis.gauge('queue_jobs', 'Jobs by state. Every API reports it: read it with max by (queue, state).', {
    queue,
    state: ['waiting', 'active', 'delayed', 'failed'],
  }),
  queueOldestJob: apis.gauge(
    'queue_oldest_job_age_seconds',
    'How long the job that is taken next has been there; 0 when none waits. Every API reports it: read it with max by (queue).',
    { queue },
  ),
};

/** What is done, as the processes that do it have it. */
export const jobMetrics = {
  jobDurations: withLegacyNames(
    workers.tracedHistogram(
      'job_duration_seconds',
      'Time one try of a job took.',
      [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800],
      { queue, outcome },
    ),
    { name: 'fulfillment_job_durations_seconds', labels: legacyJobs },
  ),
  jobsProcessed: withLegacyNames(
    workers.counter('jobs_processed_total', 'Tries of jobs by how they ended.', { queue, outcome }),
    { name: 'fulfillment_job_successes', only: { outcome: 'done' }, labels: legacyJobs },
    { name: 'fulfillment_job_failures', only: { outcome: 'failed' }, labels: legacyJobs },
    // A try of such a job is the call, and the rows that say for whom.
    { name: 'refund_failed_call_count', only: { queue: queues.refundBalance.name, outcome: 'failed' } },
  ),
  jobRetries: workers.counter('job_retries_total', 'Failed tries of jobs that are tried again.', { queue }),
  jobsDead: workers.counter('jobs_dead_total', 'Jobs whose last try failed. The re-driver adds their work again.', {
    queue,
  }),
  jobsStalled: workers.counter(
    'jobs_stalled_total',
    'Jobs given to another worker, because theirs was killed or did not renew its lock.',
    { queue },
  ),
  workerConcurrency: workers.gauge(
    'worker_concurrency',
    'Jobs of a queue that this process runs at the same time; 0 while the queue is paused.',
    { queue },
  ),
  workerActiveJobs: workers.gauge('worker_active_jobs', 'Jobs of a queue that this process runs now.', { queue }),
};
