import { clusterFields, formatBytes, type QueueName, type SpecConfig } from '@bundler/contract';
import type { Part } from './manifest.ts';

/** What the container of a program asks for and may use. No limit on CPU unless the spec sets one. */
export function containerResources(whose: 'upload' | 'payment' | 'combined' | QueueName, config: SpecConfig): Part {
  const cpuLimit = config[`${whose}CpuLimit`];
  return {
    requests: { cpu: cores(config[`${whose}CpuRequest`]), memory: formatBytes(config[`${whose}MemoryRequest`]) },
    limits: { ...(cpuLimit > 0 ? { cpu: cores(cpuLimit) } : {}), memory: formatBytes(config[`${whose}MemoryLimit`]) },
  };
}

const cores = (thousandths: number): unknown => clusterFields.uploadCpuRequest.kind.toSpec(thousandths);
