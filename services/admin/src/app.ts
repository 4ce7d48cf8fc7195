import type { PaymentAdmin, QueueInspector, Records } from '@bundler/adapters';
import { ADMIN_PREFIX } from '@bundler/contract';
import { type ApiKeys, type AppParts, createApp } from '@bundler/runtime';
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { requireKey } from './access.ts';
import { addPaymentRoutes } from './routes/payment.ts';
import { addQueueRoutes } from './routes/queues.ts';
import { addRecordRoutes } from './routes/records.ts';
import { addSnapshotRoute, type SnapshotSources } from './routes/snapshot.ts';

export interface AppOptions extends AppParts, SnapshotSources {
  readonly keys: Pick<ApiKeys, 'nameOf'>;
  readonly records: Pick<Records, keyof Records>;
  /** Undefined where there is no payment service. */
  readonly payment?: Pick<PaymentAdmin, 'ask'> | undefined;
  readonly inspector: Pick<QueueInspector, 'overview' | 'jobs' | 'jobsAbout' | 'retry' | 'drain' | 'all'>;
  /** Whether the queues are shown in a browser too. */
  readonly board?: boolean;
}

/** A list of a thousand jobs. */
const BODY_LIMIT = 256 * 1024;

/** The admin service's HTTP face. Nothing of it is open but for those who bring a key, or have logged in at the board with one. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const app = createApp(options, BODY_LIMIT);
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  });
  await app.register(swagger, {
    hideUntagged: true,
    openapi: { info: { title: 'Bundler admin API', version: options.version } },
  });
  await app.register(
    async (admin) => {
      requireKey(admin, options.keys);
      addQueueRoutes(admin, options.inspector);
      addRecordRoutes(admin, options);
      addSnapshotRoute(admin, options);
      addPaymentRoutes(admin, options.payment);
      admin.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
    },
    { prefix: ADMIN_PREFIX },
  );
  if (options.board) {
    // With all that it brings, only where somebody wants it.
    const { addBoard } = await import('./board/board.ts');
    await addBoard(app, options);
  }
  return app;
}
