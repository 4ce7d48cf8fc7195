import { readdirSync, readFileSync } from 'node:fs';

/** CPU of one process as `/proc/<pid>/stat` has it: proc(5), fields 4 and 14 to 17. */
export interface ProcessCpu {
  readonly pid: number;
  readonly parent: number;
  /** User and system time of the process and of those children that it has seen end, seconds. */
  readonly seconds: number;
}

/** USER_HZ: what the kernel tells user space is 100 a second on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

export function parseStat(text: string): ProcessCpu {
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const rest = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(rest[number - 3]);
  const ticks = field(14) + field(15) + field(16) + field(17);
  return { pid: Number.parseInt(text, 10), parent: field(4), seconds: ticks / TICKS_PER_SECOND };
}

/** The CPU seconds of a process and all its descendants. */
export function treeSeconds(processes: readonly ProcessCpu[], root: number): number {
  const own = processes.find(({ pid }) => pid === root)?.seconds ?? 0;
  const children = processes.filter(({ parent }) => parent === root);
  return children.reduce((sum, child) => sum + treeSeconds(processes, child.pid), own);
}

/** Process ids by the part of the platform they belong to; their descendants belong to it too. */
export type ProcessGroups = Readonly<Record<string, readonly number[]>>;
export type CpuByGroup = Readonly<Record<string, number>>;

/** CPU seconds spent so far, by group. */
export function readCpu(groups: ProcessGroups): CpuByGroup {
  const processes = readProcesses();
  return mapValues(groups, (pids) => pids.reduce((sum, pid) => sum + treeSeconds(processes, pid), 0));
}

/** What was spent between two readings, by group. */
export function cpuBetween(before: CpuByGroup, after: CpuByGroup): CpuByGroup {
  return mapValues(after, (seconds, name) => seconds - (before[name] ?? 0));
}

export function totalCpu(cpu: CpuByGroup): number {
  return Object.values(cpu).reduce((sum, seconds) => sum + seconds, 0);
}

function mapValues<Value>(
  record: Readonly<Record<string, Value>>,
  work: (value: Value, name: string) => number,
): CpuByGroup {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, work(value, name)]));
}

function readProcesses(): ProcessCpu[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))];
      } catch {
        // Ended since the listing.
        return [];
      }
    });
}
