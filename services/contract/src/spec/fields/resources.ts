import { bytes } from '../../settings/kinds.ts';
import { type Field, field } from './define.ts';
import { cpu } from './kinds.ts';

const Mi = 1024 ** 2;
const cores = cpu({ min: 10, max: 256_000 });
const memory = bytes({ min: 64 * Mi, max: 1024 ** 4 });

/** What pods ask of a node and may use at most: thousandths of a core, bytes. */
export interface ResourceAmounts {
  readonly cpuRequest: number;
  readonly cpuLimit: number;
  readonly memoryRequest: number;
  readonly memoryLimit: number;
}

export type ResourceFields<Prefix extends string> = {
  [Name in keyof ResourceAmounts as `${Prefix}${Capitalize<Name>}`]: Field<number>;
};

/** The fields below `<path>.resources`, named `<prefix>CpuRequest` and so on. */
export function resourceFields<Prefix extends string>(
  prefix: Prefix,
  path: string,
  defaults: Omit<ResourceAmounts, 'cpuLimit'>,
): ResourceFields<Prefix> {
  return {
    [`${prefix}CpuRequest`]: field({
      path: `${path}.resources.requests.cpu`,
      kind: cores,
      default: defaults.cpuRequest,
      doc: 'CPU promised to a pod.',
      applies: 'restart',
    }),
    [`${prefix}MemoryRequest`]: field({
      path: `${path}.resources.requests.memory`,
      kind: memory,
      default: defaults.memoryRequest,
      doc: 'Memory promised to a pod.',
      applies: 'restart',
    }),
    [`${prefix}CpuLimit`]: field({
      path: `${path}.resources.limits.cpu`,
      kind: cpu({ min: 0, max: 256_000 }),
      default: 0,
      doc: 'Most CPU of a pod. 0, which is recommended, sets no limit: a throttled process answers late.',
      applies: 'restart',
    }),
    [`${prefix}MemoryLimit`]: field({
      path: `${path}.resources.limits.memory`,
      kind: memory,
      default: defaults.memoryLimit,
      doc: 'Memory at which a pod is killed.',
      applies: 'restart',
    }),
  } as ResourceFields<Prefix>;
}
