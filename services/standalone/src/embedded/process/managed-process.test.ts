import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './command.ts';
import { type ManagedProcessOptions, startProcess } from './managed-process.ts';
import { processIdentity } from './process-table.ts';

describe('a managed process', () => {
  const directory = mkdtempSync(join(tmpdir(), 'managed-process-'));
  const pidFile = join(directory, 'child.pid');
  afterAll(() => rmSync(directory, { recursive: true }));

  /** A child that prints `up` once the script ran; ready when that line was seen. */
  function child(script: string, changes: Partial<ManagedProcessOptions> = {}) {
    const lines: string[] = [];
    return startProcess({
      name: 'the child',
      command: command(process.execPath, '-e', `${script}; console.log('up'); setInterval(() => {}, 1000)`),
      pidFile,
      ready: async () => lines.includes('up'),
      readyTimeoutMs: 10_000,
      stopSteps: [{ signal: 'SIGTERM', waitMs: 10_000 }],
      log: (line) => lines.push(line),
      ...changes,
    });
  }

  it('runs until it is stopped, and then leaves neither process nor pid file', async () => {
    const managed = await child('');
    expect(processIdentity(managed.pid)).toBeDefined();
    expect(existsSync(pidFile)).toBe(true);
    await managed.stop();
    expect(processIdentity(managed.pid)).toBeUndefined();
    expect(existsSync(pidFile)).toBe(false);
    await expect(managed.exited).resolves.toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('is ended harder when it ignores the mild signal', async () => {
    const managed = await child(`process.on('SIGTERM', () => {})`, { stopSteps: [{ signal: 'SIGTERM', waitMs: 50 }] });
    await managed.stop();
    await expect(managed.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('may be stopped twice, and after it is gone', async () => {
    const managed = await child('');
    managed.kill9();
    await managed.exited;
    await Promise.all([managed.stop(), managed.stop()]);
    await expect(managed.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('fails to start with its exit code and last lines when it ends too soon', async () => {
    await expect(child(`console.error('no space left'); process.exit(7)`)).rejects.toThrow(
      /the child ended while starting \(exit code 7\)\n {2}no space left/,
    );
  });

  it('is ended, and its last lines are told, when it is not ready in time', async () => {
    let pid = 0;
    const never = child('', {
      command: command('sh', '-c', 'echo $$; exec sleep 600'),
      ready: async () => false,
      readyTimeoutMs: 500,
      log: (line) => {
        pid = Number(line);
      },
    });
    await expect(never).rejects.toThrow(/was not ready within 500 ms; its last lines:\n {2}\d+$/);
    expect(processIdentity(pid)).toBeUndefined();
  });

  it('is ended when asking whether it is ready fails', async () => {
    const refused = child('', { ready: () => Promise.reject(new Error('wrong password')) });
    await expect(refused).rejects.toThrow('wrong password');
    expect(existsSync(pidFile)).toBe(false);
  });

  it('fails to start when the program does not exist', async () => {
    await expect(child('', { command: command('no-such-program') })).rejects.toThrow(
      'the child ended while starting (no-such-program is not installed',
    );
  });
});
