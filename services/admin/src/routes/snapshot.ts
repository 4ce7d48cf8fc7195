import type { PipelineView, QueueInspector, Records } from '@bundler/adapters';
import { AdminSnapshot, queueNames } from '@bundler/contract';
import type { FastifyInstance } from 'fastify';
import { audit } from '../access.ts';
import { bundleAnswer, jobAnswer, queueAnswer } from '../records.ts';

export interface SnapshotSources {
  readonly records: Pick<Records, 'openBundles' | 'bundles'>;
  readonly inspector: Pick<QueueInspector, 'overview' | 'jobs'>;
  readonly pipeline: () => Promise<PipelineView>;
  readonly version: string;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Failed jobs of one queue, and bundles: enough to see what is wrong. */
const JOBS = 20;
const BUNDLES = 20;

/** One look at everything, for those who help from afar. What cannot be asked is named, and the rest is told. */
export function addSnapshotRoute(app: FastifyInstance, sources: SnapshotSources): void {
  const { records, inspector, pipeline, version, now } = sources;
  app.get(
    '/snapshot',
    { schema: { tags: ['support'], summary: 'One look at everything', response: { 200: AdminSnapshot } } },
    async (request) => {
      audit(request, 'snapshot', {});
      const problems: string[] = [];
      const ask = async <Answer>(what: string, question: () => Promise<Answer>): Promise<Answer | null> => {
        try {
          return await question();
        } catch (error) {
          request.log.warn({ err: error, what }, 'not in the snapshot');
          problems.push(`${what} could not be asked; the log of the admin service says why`);
          return null;
        }
      };
      const failedJobs = async () => {
        const jobs = await Promise.all(queueNames.map((name) => inspector.jobs(name, 'failed', JOBS)));
        return jobs.flat().map(jobAnswer);
      };
      const [overview, failed, openBundles, newestBundles, view] = await Promise.all([
        ask('the queues', () => inspector.overview()),
        ask('the failed jobs', failedJobs),
        ask('the open bundles', () => records.openBundles()),
        ask('the newest bundles', () => records.bundles({ limit: BUNDLES })),
        ask('the pipeline', pipeline),
      ]);
      return {
        takenAt: now(),
        version,
        node: process.version,
        queues: overview?.map(queueAnswer) ?? null,
        failedJobs: failed,
        openBundles,
        newestBundles: newestBundles?.map(bundleAnswer) ?? null,
        oldestWaitingAt: view?.oldestWaitingAt ?? null,
        problems,
      };
    },
  );
}
