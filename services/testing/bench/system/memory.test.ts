import { parseResident, totalGrowth, watchMemory } from './memory.ts';

describe('memory of processes', () => {
  it('reads what is resident now, not the peak', () => {
    expect(parseResident('Name:\tnode\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\nThreads:\t11\n')).toBe(1024 * 1024);
  });

  it('is 0 for a process that ended', () => {
    expect(parseResident('Name:\tnode\nState:\tZ (zombie)\n')).toBe(0);
  });

  it('adds the growth of each', () => {
    const growth = [
      { name: 'a', baseline: 100, peak: 130 },
      { name: 'b', baseline: 50, peak: 50 },
    ];
    expect(totalGrowth(growth)).toBe(30);
  });

  it('sees this process grow', () => {
    const watch = watchMemory([{ name: 'self', pid: process.pid }]);
    const held = Buffer.alloc(64 * 1024 * 1024, 1);
    const [growth] = watch();
    expect(growth!.peak - growth!.baseline).toBeGreaterThan(held.length / 2);
  });
});
