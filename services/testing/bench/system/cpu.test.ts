import { cpuBetween, parseStat, totalCpu, treeSeconds } from './cpu.ts';

/** proc(5): pid, comm, state, ppid, then fields 5 to 13, utime, stime, cutime, cstime, and more. */
const stat = (pid: number, name: string, parent: number, ticks: readonly number[]): string =>
  `${pid} (${name}) S ${parent} 1 1 0 -1 4194560 100 0 0 0 ${ticks.join(' ')} 20 0 11 0 12345 1000 200\n`;

describe('CPU of processes', () => {
  it('adds user and system time of a process and of its children that ended', () => {
    expect(parseStat(stat(42, 'node', 7, [150, 50, 30, 20]))).toEqual({ pid: 42, parent: 7, seconds: 2.5 });
  });

  it('reads past a name that holds spaces and parentheses', () => {
    expect(parseStat(stat(42, 'a (b) 1 2', 7, [100, 0, 0, 0]))).toEqual({ pid: 42, parent: 7, seconds: 1 });
  });

  it('counts all descendants, and nobody else', () => {
    const processes = [
      { pid: 1, parent: 0, seconds: 100 },
      { pid: 10, parent: 1, seconds: 1 },
      { pid: 11, parent: 10, seconds: 2 },
      { pid: 12, parent: 11, seconds: 4 },
      { pid: 20, parent: 1, seconds: 8 },
    ];
    expect(treeSeconds(processes, 10)).toBe(7);
    expect(treeSeconds(processes, 99)).toBe(0);
  });

  it('takes the difference of two readings by group', () => {
    const spent = cpuBetween({ API: 5, Redis: 1 }, { API: 7, Redis: 1, workers: 3 });
    expect(spent).toEqual({ API: 2, Redis: 0, workers: 3 });
    expect(totalCpu(spent)).toBe(5);
  });
});
