import type { ItemTrace, QueueInspector, Records } from '@bundler/adapters';
import { AdminBundle, AdminBundleDetail, AdminIdParams, AdminTrace, ApiError, BundlesQuery } from '@bundler/contract';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { audit } from '../access.ts';
import { bundleAnswer, jobAnswer } from '../records.ts';
import { traceReport, workOn, workOnBundle } from '../trace/report.ts';

type Id = { Params: Static<typeof AdminIdParams> };

/** Items of a bundle that are named. */
const NAMED_ITEMS = 100;
/** Characters of 32 bytes in base64url; a UUID has fewer. */
const HASH_LENGTH = 43;

/** What the database knows of items and bundles, and the jobs about them. */
export function addRecordRoutes(
  app: FastifyInstance,
  {
    records,
    inspector,
  }: { readonly records: Pick<Records, keyof Records>; readonly inspector: Pick<QueueInspector, 'jobsAbout'> },
): void {
  app.get<Id>(
    '/trace/:id',
    {
      schema: {
        tags: ['items'],
        summary: 'Everything that is known of an item, or of an upload in parts',
        params: AdminIdParams,
        response: { 200: AdminTrace },
      },
    },
    async (request) => {
      const { id } = request.params;
      audit(request, 'trace', { id });
      const trace = await traceOf(id, records);
      const jobs = await orUndefined(request.log, () => inspector.jobsAbout(workOn(trace)));
      return traceReport(id, trace, jobs);
    },
  );

  app.get<{ Querystring: Static<typeof BundlesQuery> }>(
    '/bundles',
    {
      schema: {
        tags: ['bundles'],
        summary: 'Bundles, newest first',
        querystring: BundlesQuery,
        response: { 200: Type.Array(AdminBundle) },
      },
    },
    async ({ query }) => (await records.bundles(query as Parameters<Records['bundles']>[0])).map(bundleAnswer),
  );

  app.get<Id>(
    '/bundles/:id',
    {
      schema: {
        tags: ['bundles'],
        summary: 'One bundle, by its own id or its transaction',
        params: AdminIdParams,
        response: { 200: AdminBundleDetail },
      },
    },
    async (request) => {
      const { id } = request.params;
      const bundle = await (id.length === HASH_LENGTH
        ? records.bundleOfTransaction(Buffer.from(id, 'base64url'))
        : records.bundle(id));
      if (!bundle) throw new ApiError('not_found');
      const [items, jobs] = await Promise.all([
        records.itemsOfBundle(bundle.id, NAMED_ITEMS),
        orUndefined(request.log, () => inspector.jobsAbout(workOnBundle(bundle))),
      ]);
      return {
        bundle: bundleAnswer(bundle),
        items: items.map((item) => item.toString('base64url')),
        jobs: (jobs ?? []).map(jobAnswer),
      };
    },
  );
}

async function traceOf(id: string, records: Pick<Records, 'traceItem' | 'upload'>): Promise<ItemTrace> {
  if (id.length === HASH_LENGTH) return records.traceItem(Buffer.from(id, 'base64url'));
  const upload = await records.upload(id);
  if (!upload?.itemId)
    return { item: undefined, bundle: undefined, upload, unbundling: undefined, nested: [], opticalBacklog: [] };
  // An item that was known before came by another way; the upload is shown all the same.
  return { ...(await records.traceItem(upload.itemId)), upload };
}

/** What stands in PostgreSQL is worth telling also while the queues are away. */
async function orUndefined<Answer>(log: FastifyBaseLogger, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    log.warn({ err: error }, 'the queues do not answer');
    return undefined;
  }
}
