import type { QueueInspector } from '@bundler/adapters';
import {
  AdminQueue,
  AdminQueueDetail,
  ApiError,
  DrainAnswer,
  LimitQuery,
  type QueueName,
  QueueParams,
  queueNames,
  queues,
  RetryAnswer,
  RetryBody,
} from '@bundler/contract';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { audit } from '../access.ts';
import { jobAnswer, queueAnswer } from '../records.ts';

type Params = { Params: Static<typeof QueueParams> };

/** What the queues hold, and what a person may do about it. */
export function addQueueRoutes(
  app: FastifyInstance,
  inspector: Pick<QueueInspector, 'overview' | 'jobs' | 'retry' | 'drain'>,
): void {
  app.get(
    '/queues',
    { schema: { tags: ['queues'], summary: 'Every queue', response: { 200: Type.Array(AdminQueue) } } },
    async () => (await inspector.overview()).map(queueAnswer),
  );

  app.get<Params & { Querystring: Static<typeof LimitQuery> }>(
    '/queues/:queue',
    {
      schema: {
        tags: ['queues'],
        summary: 'One queue, with its jobs',
        params: QueueParams,
        querystring: LimitQuery,
        response: { 200: AdminQueueDetail },
      },
    },
    async ({ params, query: { limit } }) => {
      const name = keyOf(params.queue);
      const [all, failed, active, waiting] = await Promise.all([
        inspector.overview(),
        inspector.jobs(name, 'failed', limit),
        inspector.jobs(name, 'active', limit),
        inspector.jobs(name, 'wait', limit),
      ]);
      return {
        queue: queueAnswer(all.find(({ queue }) => queue === params.queue)!),
        doc: queues[name].doc,
        failed: failed.map(jobAnswer),
        active: active.map(jobAnswer),
        waiting: waiting.map(jobAnswer),
      };
    },
  );

  app.post<Params & { Body: Static<typeof RetryBody> }>(
    '/queues/:queue/retry',
    {
      schema: {
        tags: ['queues'],
        summary: 'Put failed jobs back to wait',
        params: QueueParams,
        body: RetryBody,
        response: { 200: RetryAnswer },
      },
    },
    async (request) => {
      const { queue } = request.params;
      const { jobs } = request.body;
      const retried = await inspector.retry(keyOf(queue), jobs);
      audit(request, 'queue.retry', { queue, jobs: jobs ?? 'all', retried });
      return { retried };
    },
  );

  app.post<Params>(
    '/queues/:queue/drain',
    {
      schema: {
        tags: ['queues'],
        summary: 'Take the waiting jobs away; the re-driver adds those again that are still needed',
        params: QueueParams,
        response: { 200: DrainAnswer },
      },
    },
    async (request) => {
      const { queue } = request.params;
      const removed = await inspector.drain(keyOf(queue));
      audit(request, 'queue.drain', { queue, removed });
      return { removed };
    },
  );
}

function keyOf(name: string): QueueName {
  const found = queueNames.find((queue) => queues[queue].name === name);
  if (!found) throw new ApiError('not_found');
  return found;
}
