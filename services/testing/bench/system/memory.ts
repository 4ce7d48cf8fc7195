import { readFileSync } from 'node:fs';

/** Resident memory of one process during a watch, bytes. */
export interface MemoryGrowth {
  readonly name: string;
  readonly baseline: number;
  readonly peak: number;
}

const INTERVAL_MS = 100;

/** Bytes resident, from the text of `/proc/<pid>/status` (proc(5), VmRSS is in kB); 0 when it has none. */
export function parseResident(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** Watches the resident memory of processes, ten times a second. @returns what ends the watch */
export function watchMemory(
  processes: readonly { readonly name: string; readonly pid: number }[],
): () => MemoryGrowth[] {
  const baseline = processes.map(({ pid }) => resident(pid));
  const peak = [...baseline];
  const look = (): void => {
    for (const [index, { pid }] of processes.entries()) peak[index] = Math.max(peak[index]!, resident(pid));
  };
  const timer = setInterval(look, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    look();
    return processes.map(({ name }, index) => ({ name, baseline: baseline[index]!, peak: peak[index]! }));
  };
}

/** The growth of all together, bytes. */
export function totalGrowth(growth: readonly MemoryGrowth[]): number {
  return growth.reduce((sum, { baseline, peak }) => sum + peak - baseline, 0);
}

function resident(pid: number): number {
  try {
    return parseResident(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // It ended: whoever waits for its work says so.
    return 0;
  }
}
