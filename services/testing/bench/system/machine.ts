import { availableParallelism, cpus, release, totalmem } from 'node:os';
import type { Durability } from './rows.ts';

/** What the figures were measured on. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly openssl: string;
  readonly postgres: Durability;
  readonly redis: string;
}

export function readMachine(postgres: Durability, redis: string): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: release(),
    node: process.versions.node,
    openssl: process.versions.openssl,
    postgres,
    redis,
  };
}
