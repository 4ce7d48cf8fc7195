import type { Probe } from './manifest.ts';
import { ADMIN_PORT } from './names.ts';

const probe = (path: string, periodSeconds: number, failureThreshold: number): Probe => ({
  httpGet: { path, port: ADMIN_PORT },
  periodSeconds,
  timeoutSeconds: 5,
  failureThreshold,
});

/** A process opens its admin port last; until then, two minutes are for a database or gateway that is slow to answer. */
export const startupProbe = probe('/health', 2, 60);

/** A process that does not answer at all for a minute is beyond help; one that is merely busy is not. */
export const livenessProbe = probe('/health', 10, 6);

/** Longer than the 2 s that a process gives its own check of each dependency. */
export const readinessProbe = probe('/ready', 5, 2);
