import { lchown, lstat, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { behind, type Command, type Credentials, command, succeeds } from '../process/command.ts';

/**
 * As whom PostgreSQL runs, which refuses to be root. `namespace`: root outside, uid 1000 in a user namespace, so that
 * files stay root's and no directory has to be opened to others. `other`: a uid without rights, for containers that
 * forbid user namespaces.
 */
export type Account =
  | { readonly kind: 'self'; readonly uid: number }
  | { readonly kind: 'namespace' }
  | ({ readonly kind: 'other' } & Credentials);

/** `nobody` and its group, by their number on Linux since time immemorial. */
const NOBODY = 65534;
/** Where the platform has no uids. */
const UNKNOWN_UID = -1;
const NAMESPACE = command('unshare', '--user', '--map-user=1000', '--map-group=1000', '--');

/** Decides from the caller's uid and whether user namespaces are permitted here. */
export function chooseAccount(uid: number, namespacesWork: boolean): Account {
  if (uid !== 0) return { kind: 'self', uid };
  return namespacesWork ? { kind: 'namespace' } : { kind: 'other', uid: NOBODY, gid: NOBODY };
}

/** The account to use here. */
export async function currentAccount(): Promise<Account> {
  const uid = process.getuid?.() ?? UNKNOWN_UID;
  return chooseAccount(uid, uid === 0 && (await succeeds(behind(NAMESPACE, command('true')))));
}

/** The command as that account; where that takes credentials, they are for the spawn call. */
export function asAccount(account: Account, inner: Command): { command: Command; credentials?: Credentials } {
  if (account.kind === 'namespace') return { command: behind(NAMESPACE, inner) };
  if (account.kind === 'other') return { command: inner, credentials: { uid: account.uid, gid: account.gid } };
  return { command: inner };
}

/** Throws when an ordinary user is given what belongs to someone else; a path that is not there is nobody's. */
export async function requireOwner(account: Account, path: string): Promise<void> {
  if (account.kind !== 'self' || account.uid === UNKNOWN_UID) return;
  const owner = await ownerOf(path);
  if (owner === undefined || owner === account.uid) return;
  throw new Error(
    `${path} belongs to uid ${owner} and PostgreSQL would run as uid ${account.uid}; run as its owner, change its ` +
      'owner, or use another data directory',
  );
}

/** Root only: makes `path` and all below it belong to the account, which may be another than in an earlier run. */
export async function takeOwnership(account: Account, path: string): Promise<void> {
  if (account.kind === 'self') return;
  const { uid, gid } = account.kind === 'namespace' ? { uid: 0, gid: 0 } : account;
  if ((await ownerOf(path)) !== uid) await chownAll(path, uid, gid);
}

/** Throws when the account could not get at one of the paths because a directory above it is closed to it. */
export async function requireReachable(account: Account, paths: readonly string[]): Promise<void> {
  if (account.kind !== 'other') return;
  for (const path of paths) {
    const closed = await closedAncestor(resolve(path));
    if (closed === undefined) continue;
    throw new Error(
      `PostgreSQL does not run as root, user namespaces are not permitted here (unshare --user), and uid ` +
        `${account.uid} may not enter ${closed}, which ${path} is below. Run as an ordinary user, put the data ` +
        'directory and this project where all users may enter, or use a PostgreSQL server of your own',
    );
  }
}

async function closedAncestor(path: string): Promise<string | undefined> {
  for (let parent = dirname(path); ; parent = dirname(parent)) {
    const mode = await stat(parent).then(
      (found) => found.mode,
      () => 0o001,
    );
    if ((mode & 0o001) === 0) return parent;
    if (parent === dirname(parent)) return undefined;
  }
}

async function ownerOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ uid }) => uid,
    () => undefined,
  );
}

async function chownAll(path: string, uid: number, gid: number): Promise<void> {
  if ((await lstat(path)).isDirectory()) {
    for (const name of await readdir(path)) await chownAll(join(path, name), uid, gid);
    // The directory itself last: its owner is the mark by which an interrupted change is noticed.
  }
  await lchown(path, uid, gid);
}
