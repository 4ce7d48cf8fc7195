import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../process/command.ts';
import { type Account, asAccount, chooseAccount, requireOwner, requireReachable } from './account.ts';

describe('the account PostgreSQL runs as', () => {
  const server = command('postgres', '-D', '/data');

  it('is the caller when that is not root', () => {
    expect(chooseAccount(1000, true)).toEqual({ kind: 'self', uid: 1000 });
    expect(asAccount(chooseAccount(1000, true), server)).toEqual({ command: server });
  });

  it('is an ordinary uid in a user namespace when root may make one', () => {
    const { command: wrapped, credentials } = asAccount(chooseAccount(0, true), server);
    expect([wrapped.file, ...wrapped.args].join(' ')).toBe(
      'unshare --user --map-user=1000 --map-group=1000 -- postgres -D /data',
    );
    expect(credentials).toBeUndefined();
  });

  it('is a uid without rights when root may not make a user namespace', () => {
    expect(asAccount(chooseAccount(0, false), server)).toEqual({
      command: server,
      credentials: { uid: 65534, gid: 65534 },
    });
  });

  describe('and its files', () => {
    const directory = mkdtempSync(join(tmpdir(), 'account-'));
    const closed = join(directory, 'closed');
    mkdirSync(join(closed, 'data'), { recursive: true });
    afterAll(() => rmSync(directory, { recursive: true }));

    const nobody: Account = chooseAccount(0, false);

    it('are refused below a directory the uid may not enter, which is named', async () => {
      chmodSync(directory, 0o755);
      chmodSync(closed, 0o700);
      const paths = [join(closed, 'data', 'postgres')];
      await expect(requireReachable(nobody, paths)).rejects.toThrow(`uid 65534 may not enter ${closed},`);
      await expect(requireReachable(chooseAccount(0, true), paths)).resolves.toBeUndefined();
    });

    it('are refused to an ordinary user when they are another one’s', async () => {
      const stranger = chooseAccount((process.getuid?.() ?? 0) + 1, false);
      await expect(requireOwner(stranger, closed)).rejects.toThrow(`${closed} belongs to uid`);
      await expect(requireOwner(stranger, join(closed, 'not-there'))).resolves.toBeUndefined();
    });
  });
});
