import { reportedBy } from './define.ts';
import { queueLabel } from './labels.ts';

const apis = reportedBy('upload');
const workers = reportedBy('workers', 'payment');
const queue = queueLabel;
const outcome = ['done', 'failed'];

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
  jobDurations: workers.tracedHistogram(
    'job_duration_seconds',
    'Time one try of a job took.',
    [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800],
    { queue, outcome },
  ),
  jobsProcessed: workers.counter('jobs_processed_total', 'Tries of jobs by how they ended.', { queue, outcome }),
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
