import { behind, command, run, startFailure, succeeds } from './command.ts';

const node = (script: string) => command(process.execPath, '-e', script);

describe('commands', () => {
  it('puts a prefix in front of a command and keeps the order of all arguments', () => {
    expect(behind(command('env', 'A=1'), command('server', '--port', '1'))).toEqual(
      command('env', 'A=1', 'server', '--port', '1'),
    );
  });

  it('gives what a program prints', async () => {
    expect(await run(node('console.log("out"); console.error("err")'), { timeoutMs: 10_000 })).toBe('out\n');
  });

  it('fails with the exit code and the last lines of its errors', async () => {
    const failing = node('for (let i = 1; i <= 9; i++) console.error(`line ${i}`); process.exitCode = 3');
    const failure = run(failing, { timeoutMs: 10_000 });
    await expect(failure).rejects.toThrow(/failed \(3\): line 5\nline 6\nline 7\nline 8\nline 9$/);
  });

  it('fails when the program takes longer than it may', async () => {
    await expect(run(node('setInterval(() => {}, 1000)'), { timeoutMs: 100 })).rejects.toThrow(
      'did not end within 100 ms',
    );
  });

  it('says that a program is not installed', async () => {
    await expect(run(command('no-such-program'), { timeoutMs: 1_000 })).rejects.toThrow(
      /^no-such-program is not installed/,
    );
    expect(await succeeds(command('no-such-program'))).toBe(false);
  });

  it('says so, too, when a directory of PATH is closed to the user, and not when the program itself is', () => {
    expect(startFailure('server', 'EACCES')).toBe('server is not installed for this user');
    expect(startFailure('/opt/server', 'EACCES')).toBe('/opt/server may not be executed by this user');
    expect(startFailure('server', 'EMFILE')).toBeUndefined();
  });
});
