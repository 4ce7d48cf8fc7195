import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A program and its arguments, to be started without a shell. */
export type Command = { readonly file: string; readonly args: readonly string[] };

/** Whom a command runs as when that is not the caller (needs root). */
export type Credentials = { readonly uid: number; readonly gid: number };

export type RunOptions = {
  /** Milliseconds after which the command is ended and the run fails. */
  readonly timeoutMs: number;
  readonly cwd?: string;
  readonly credentials?: Credentials | undefined;
};

const execute = promisify(execFile);
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

export function command(file: string, ...args: string[]): Command {
  return { file, args };
}

/** Puts a program that ends in `exec` (env, setpriv, unshare) in front of another: both share one pid. */
export function behind(prefix: Command, inner: Command): Command {
  return { file: prefix.file, args: [...prefix.args, inner.file, ...inner.args] };
}

/**
 * Runs a command to its end and gives its standard output.
 * Throws with the command line and the last lines it wrote when it fails, cannot be started or takes too long.
 */
export async function run({ file, args }: Command, options: RunOptions): Promise<string> {
  try {
    const { stdout } = await execute(file, [...args], {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...options.credentials,
      timeout: options.timeoutMs,
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    return stdout;
  } catch (error) {
    throw new Error(failureText({ file, args }, error as RunFailure, options.timeoutMs), { cause: error });
  }
}

/** Whether a command can be started here and ends with success. */
export async function succeeds(probe: Command): Promise<boolean> {
  return run(probe, { timeoutMs: 10_000 }).then(
    () => true,
    () => false,
  );
}

/**
 * Why a program could not be started, in words; undefined when it was another failure. For a program that is looked for
 * in PATH the system says EACCES also when it is missing, if a directory of PATH is closed to this user.
 *
 * @param code the system's error code
 */
export function startFailure(file: string, code: string | number | undefined): string | undefined {
  if (code === 'ENOENT') return `${file} is not installed`;
  if (code !== 'EACCES') return undefined;
  return file.includes('/') ? `${file} may not be executed by this user` : `${file} is not installed for this user`;
}

type RunFailure = Error & {
  code?: string | number;
  killed?: boolean;
  signal?: string;
  stderr?: string;
  stdout?: string;
};

function failureText({ file, args }: Command, failure: RunFailure, timeoutMs: number): string {
  const notStarted = startFailure(file, failure.code);
  if (notStarted !== undefined) return notStarted;
  // `env` reports a program it cannot find by this code, and names it.
  if (failure.code === 127) return failure.stderr?.trim() ?? failure.message;
  const output = (failure.stderr?.trim() || failure.stdout?.trim() || failure.message).split('\n').slice(-5).join('\n');
  const outcome = failure.killed ? `did not end within ${timeoutMs} ms` : `failed (${failure.signal ?? failure.code})`;
  return `"${[file, ...args].join(' ')}" ${outcome}: ${output}`;
}
