import Fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { withTimeout } from './lifecycle.ts';
import type { SettingsReport } from './live-settings/index.ts';

/** A dependency that must work for this process to be of use; `check` rejects when it does not. */
export interface Dependency {
  readonly name: string;
  check(): Promise<void>;
}

export interface Health {
  readonly dependencies: readonly Dependency[];
  /** True from the moment the process has been told to stop. */
  draining(): boolean;
}

/** How long a readiness probe waits for one dependency, milliseconds. */
const CHECK_TIMEOUT_MS = 2000;

/** Asks every dependency; the answer names each that fails and why. */
export async function readiness(health: Health): Promise<{ ready: boolean; checks: Record<string, string> }> {
  const checks: Record<string, string> = {};
  if (health.draining()) checks.process = 'draining';
  await Promise.all(
    health.dependencies.map(async (dependency) => {
      try {
        await withTimeout(dependency.check(), CHECK_TIMEOUT_MS, `no answer within ${CHECK_TIMEOUT_MS} ms`);
        checks[dependency.name] = 'ok';
      } catch (error) {
        checks[dependency.name] = error instanceof Error ? error.message : String(error);
      }
    }),
  );
  return { ready: Object.values(checks).every((state) => state === 'ok'), checks };
}

/** Adds `/health` (the process lives), `/ready` (its dependencies work) and `/bundler_metrics`. */
export function addAdminRoutes(app: FastifyInstance, health: Health, registry: Registry): void {
  app.get('/health', async (_, reply) => reply.type('text/plain').send('OK'));
  app.get('/ready', async (_, reply) => {
    const { ready, checks } = await readiness(health);
    return reply.code(ready ? 200 : 503).send({ ready, checks });
  });
  app.get('/bundler_metrics', async (_, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}

/**
 * A server of its own for probes and scrapes, so that neither competes with uploads for a connection. `/settings` shows
 * the values in effect.
 */
export async function startAdminServer(options: {
  host: string;
  port: number;
  health: Health;
  registry: Registry;
  settings?: () => SettingsReport;
}): Promise<FastifyInstance> {
  const app = Fastify({ forceCloseConnections: true });
  addAdminRoutes(app, options.health, options.registry);
  const { settings } = options;
  if (settings) app.get('/settings', async () => settings());
  // exclusive: under node:cluster each process must have an admin port of its own, not share one.
  await app.listen({ host: options.host, port: options.port, exclusive: true });
  return app;
}
