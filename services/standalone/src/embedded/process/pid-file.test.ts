import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endLeftover, type StopStep, writePidFile } from './pid-file.ts';
import { processIdentity } from './process-table.ts';

describe('a pid file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'pid-file-'));
  const path = join(directory, 'child.pid');
  const steps: StopStep[] = [{ signal: 'SIGTERM', waitMs: 10_000 }];
  let child: ChildProcess & { pid: number };

  beforeEach(async () => {
    child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']) as typeof child;
    await once(child, 'spawn');
    writePidFile(path, child.pid);
  });
  afterEach(() => child.kill('SIGKILL'));
  afterAll(() => rmSync(directory, { recursive: true }));

  const rewrite = (changes: object) =>
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }));

  /** As if the process that started the child had died meanwhile. */
  const loseLauncher = () => rewrite({ launcherPid: spawnSync('true').pid });

  it('lets a later start end the child of a launcher that died', async () => {
    loseLauncher();
    const exit = once(child, 'exit');
    expect(await endLeftover(path, 'the child', steps)).toBe('ended');
    expect(await exit).toEqual([null, 'SIGTERM']);
    expect(existsSync(path)).toBe(false);
  });

  it('never ends a process that merely got the same pid', async () => {
    loseLauncher();
    rewrite({ identity: 'of a process started at another time' });
    expect(await endLeftover(path, 'the child', steps)).toBe('none');
    expect(processIdentity(child.pid)).toBeDefined();
  });

  it('refuses while the launcher lives, naming both', async () => {
    await expect(endLeftover(path, 'the child', steps)).rejects.toThrow(
      `the child is already running as pid ${child.pid}, started by pid ${process.pid}`,
    );
    expect(processIdentity(child.pid)).toBeDefined();
  });

  it.each(['', '{"pid":', '{"pid":1,"identity":"x"}', '{"pid":"-1","identity":"x"}'])(
    'names nobody when it holds %p',
    async (text) => {
      writeFileSync(path, text);
      expect(await endLeftover(path, 'the child', steps)).toBe('none');
    },
  );
});
