import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseResident, totalGrowth, watchMemory } from './memory.ts';

const HELD = 64 * 1024 * 1024;

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

  it('sees a process grow', async () => {
    // One of its own: a process that has run much else takes what it needs from what it has given back before.
    const grow = `process.stdin.once('data', () => { globalThis.held = Buffer.alloc(${HELD}, 1); console.log('held'); });`;
    const child = spawn(process.execPath, ['--eval', `${grow} console.log('up');`], { stdio: 'pipe' });
    try {
      await once(child.stdout, 'data');
      const watch = watchMemory([{ name: 'child', pid: child.pid! }]);
      child.stdin.write('grow');
      await once(child.stdout, 'data');
      const [growth] = watch();
      expect(growth!.peak - growth!.baseline).toBeGreaterThan(HELD / 2);
    } finally {
      child.kill();
    }
  });
});
