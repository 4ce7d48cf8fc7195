import { kebabName, queues } from '../../queues/index.ts';
import type { SpecConfig, SpecFieldName } from '../tree.ts';
import { workerGroups } from './pods.ts';

/** What a worker process needs before its first job, bytes. */
export const PROCESS_MEMORY = 150_000_000;

/** What the pods of one worker Deployment need, bytes. */
export interface MemoryLine {
  readonly component: string;
  /** The field that holds the limit, and those that the need comes from. */
  readonly field: SpecFieldName;
  readonly because: readonly SpecFieldName[];
  /** Jobs that one pod runs at once. */
  readonly jobs: number;
  readonly needed: number;
  readonly limit: number;
}

/** The memory that one pod of each worker Deployment may need, and the limit at which it is killed. */
export function memoryBudget(config: SpecConfig): readonly MemoryLine[] {
  return workerGroups(config).map(({ queue, queues: served }) => {
    const field = `${queue ?? 'combined'}MemoryLimit` as const;
    const because = served.map((name) => `${name}Concurrency` as const);
    const jobs = served.reduce((sum, name) => sum + config[`${name}Concurrency`], 0);
    const forJobs = served.reduce((sum, name) => sum + config[`${name}Concurrency`] * queues[name].memoryPerJob, 0);
    const component = queue === undefined ? 'workers' : `workers-${kebabName(queue)}`;
    return { component, field, because, jobs, needed: PROCESS_MEMORY + forJobs, limit: config[field] };
  });
}
