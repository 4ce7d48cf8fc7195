import { clusterRules as onCluster } from './cluster.ts';
import type { SpecRule } from './define.ts';
import { partRules } from './parts.ts';

export type { SpecRule, SpecViolation } from './define.ts';

/** Rules that hold wherever a spec is run. */
export const specRules: readonly SpecRule[] = partRules;

/** Rules about what only a cluster has; they hold there beside the others. */
export const clusterRules: readonly SpecRule[] = onCluster;
