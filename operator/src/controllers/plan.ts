import type { SpecConfig, Violation } from '@bundler/contract';
import { diffManifests } from '../plan/manifest-diff.ts';
import { restartsBetween } from '../plan/restarts.ts';
import type { Manifest } from '../render/index.ts';
import { connectionStatus } from '../status/connections.ts';
import type { PlanStatus } from '../status/types.ts';

/** What would change, for status and for people. */
export function planOf(
  generation: number,
  now: readonly Manifest[],
  wanted: {
    readonly config: SpecConfig;
    readonly violations: readonly Violation[];
    readonly manifests: readonly Manifest[];
  },
): PlanStatus {
  const problems = wanted.violations.map(({ setting, message }) => `${setting} ${message}`);
  // A spec that is refused changes nothing.
  const after = problems.length > 0 ? now : wanted.manifests;
  const { adds, changes, deletes } = diffManifests(now, after);
  return {
    generation,
    adds,
    changes: changes.map(({ object }) => object),
    deletes,
    restarts: restartsBetween(now, after),
    connectionBudget: connectionStatus(wanted.config),
    problems,
  };
}
