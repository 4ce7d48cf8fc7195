import Fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { expose } from './exposition.ts';
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
  /** Why this process is of no use until it is started again; empty while it is well. */
  ailments?(): readonly string[];
}

/** Where probes and scrapes find what they want. */
export interface AdminPaths {
  readonly live: string;
  readonly ready: string;
  readonly metrics: string;
}

/** Those of the services. */
const servicePaths: AdminPaths = { live: '/health', ready: '/ready', metrics: '/bundler_metrics' };

/** Those that parts of Kubernetes have. */
export const kubernetesPaths: AdminPaths = { live: '/livez', ready: '/readyz', metrics: '/metrics' };

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

const untraced = { config: { untraced: true } };

/** Adds routes that tell whether the process lives and whether its dependencies work, and one for its metrics. */
export function addAdminRoutes(
  app: FastifyInstance,
  health: Health,
  registry: Registry,
  paths: AdminPaths = servicePaths,
): void {
  app.get(paths.live, untraced, async (_, reply) => {
    const ailments = health.ailments?.() ?? [];
    const [code, text] = ailments.length === 0 ? [200, 'OK'] : [503, ailments.join('\n')];
    return reply.code(code).type('text/plain').send(text);
  });
  app.get(paths.ready, untraced, async (_, reply) => {
    const { ready, checks } = await readiness(health);
    return reply.code(ready ? 200 : 503).send({ ready, checks });
  });
  app.get(paths.metrics, untraced, async (request, reply) => {
    const { contentType, text } = await expose(registry, request.headers.accept);
    return reply.type(contentType).send(text);
  });
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
  paths?: AdminPaths;
}): Promise<FastifyInstance> {
  const app = Fastify({ forceCloseConnections: true });
  addAdminRoutes(app, options.health, options.registry, options.paths);
  const { settings } = options;
  if (settings) app.get('/settings', async () => settings());
  // exclusive: under node:cluster each process must have an admin port of its own, not share one.
  await app.listen({ host: options.host, port: options.port, exclusive: true });
  return app;
}
