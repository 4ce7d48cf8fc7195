import { type QueueName, queueNames, queues } from '@bundler/contract';
import type { Logger } from '@bundler/runtime';
import type { Job, JobState, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { connectImpatient } from '../redis.ts';
import { OpenQueues } from './open-queues.ts';
import { connectedWorkers } from './workers.ts';

/** What one queue holds now. */
export interface QueueOverview {
  /** Its name in metrics. */
  readonly queue: string;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  /** Jobs whose last try failed, of those that are kept to be looked at. */
  readonly failed: number;
  /** Workers that are connected; undefined where the server does not tell. */
  readonly workers: number | undefined;
  /** When the job was added that has waited longest, Unix milliseconds; undefined when none waits. */
  readonly oldestAt: number | undefined;
}

/** One job. Times are Unix milliseconds. */
export interface JobRecord {
  readonly queue: string;
  readonly id: string;
  readonly state: JobState | 'unknown';
  readonly payload: unknown;
  readonly attempts: number;
  readonly failedReason: string | undefined;
  readonly addedAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
}

/** Work that jobs may be about: the queue, and what makes its jobs the same work. */
export interface Work {
  readonly queue: QueueName;
  /** As `jobId` of the queue makes it. */
  readonly id: string;
}

/** Whoever asks for all of this can wait a little: no upload depends on it, milliseconds. */
const PATIENCE_MS = 2000;
/** Finished jobs that are looked through for one piece of work. */
const SEARCHED = 1000;

/** Looks into the queues, and repairs them when somebody asks for it. */
export class QueueInspector {
  readonly #redis: Redis;
  readonly #queues: OpenQueues;

  constructor(url: string, logger: Logger) {
    this.#redis = connectImpatient(url, logger, PATIENCE_MS);
    this.#queues = new OpenQueues(this.#redis);
  }

  /** Every queue, in the order of the contract. @throws Error when Redis cannot say */
  async overview(): Promise<QueueOverview[]> {
    const opened = await Promise.all(queueNames.map((name) => this.#open(name)));
    const workers = await connectedWorkers(this.#redis);
    return Promise.all(
      opened.map(async (queue) => {
        const [counts, [oldest]] = await Promise.all([
          queue.getJobCounts('wait', 'prioritized', 'active', 'delayed', 'failed'),
          queue.getJobs(['wait'], 0, 0, true) as Promise<Job[]>,
        ]);
        return {
          queue: queue.name,
          waiting: (counts.wait ?? 0) + (counts.prioritized ?? 0),
          active: counts.active ?? 0,
          delayed: counts.delayed ?? 0,
          failed: counts.failed ?? 0,
          workers: workers && (workers.get(queue.name) ?? 0),
          oldestAt: oldest?.timestamp,
        };
      }),
    );
  }

  /** Jobs of a queue in one state, the oldest first; of failed ones the latest. */
  async jobs(name: QueueName, state: 'wait' | 'active' | 'delayed' | 'failed', limit: number): Promise<JobRecord[]> {
    const queue = await this.#open(name);
    const jobs = (await queue.getJobs([state], 0, limit - 1, state !== 'failed')) as Job[];
    return jobs.map((job) => recordOf(queue.name, job, state === 'wait' ? 'waiting' : state));
  }

  /** The jobs that are about pieces of work: those that are to come, and those that are kept after their end. */
  async jobsAbout(work: readonly Work[]): Promise<JobRecord[]> {
    const byQueue = Map.groupBy(work, ({ queue }) => queue);
    const found = await Promise.all(
      [...byQueue].map(async ([name, pieces]) => {
        const queue = await this.#open(name);
        const ids = new Set(pieces.map(({ id }) => id));
        const { jobId } = queues[name];
        const finished = (await queue.getJobs(['failed', 'completed'], 0, SEARCHED - 1)) as Job[];
        const live = await Promise.all([...ids].map((id) => this.#live(queue, id)));
        const jobs = new Map<string, Job>();
        for (const job of [...live, ...finished.filter(({ data }) => ids.has(jobId(data as never)))]) {
          if (job?.id !== undefined) jobs.set(job.id, job);
        }
        return Promise.all([...jobs.values()].map(async (job) => recordOf(queue.name, job, await job.getState())));
      }),
    );
    return found.flat();
  }

  /**
   * Puts failed jobs back to wait.
   *
   * @param ids those of these ids only; all that are kept when nothing is said
   * @returns how many there were
   */
  async retry(name: QueueName, ids?: readonly string[]): Promise<number> {
    const queue = await this.#open(name);
    const all = (await queue.getJobs(['failed'], 0, -1)) as Job[];
    const failed = ids === undefined ? all : all.filter(({ id }) => ids.includes(id ?? ''));
    const retried = await Promise.all(failed.map((job) => tryAgain(job)));
    return retried.filter(Boolean).length;
  }

  /**
   * Takes away the jobs that wait, those whose time has not come included; what runs goes on. Nothing is lost by it: what is
   * to be done stands in PostgreSQL, and the re-driver adds jobs for it again.
   *
   * @returns how many there were
   */
  async drain(name: QueueName): Promise<number> {
    const queue = await this.#open(name);
    const counts = await queue.getJobCounts('wait', 'prioritized', 'delayed');
    await queue.drain(true);
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  }

  /** The queues themselves, for a board that asks them its own questions. @throws Error while Redis is away */
  all(): Promise<Queue[]> {
    return Promise.all(queueNames.map((name) => this.#open(name)));
  }

  close(): Promise<void> {
    return this.#queues.close();
  }

  #open(name: QueueName): Promise<Queue> {
    return this.#queues.open(queues[name].name);
  }

  async #live(queue: Queue, id: string): Promise<Job | undefined> {
    const jobId = await queue.getDeduplicationJobId(id);
    return jobId === null ? undefined : ((await queue.getJob(jobId)) as Job | undefined);
  }
}

/** False when somebody else was first: the job is no longer failed. */
async function tryAgain(job: Job): Promise<boolean> {
  try {
    await job.retry('failed');
    return true;
  } catch (error) {
    if (GONE.test((error as Error).message)) return false;
    throw error;
  }
}

/** What BullMQ says of a job that is not failed any more, or not there. */
const GONE = /is not in the failed state|Missing key for job/;

function recordOf(queue: string, job: Job, state: JobRecord['state']): JobRecord {
  return {
    queue,
    id: job.id ?? '',
    state,
    payload: job.data,
    attempts: job.attemptsMade,
    failedReason: job.failedReason || undefined,
    addedAt: job.timestamp,
    startedAt: job.processedOn,
    endedAt: job.finishedOn,
  };
}
