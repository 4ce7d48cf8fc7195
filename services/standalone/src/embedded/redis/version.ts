import { behind, type Command, command, run } from '../process/command.ts';

/** A program that speaks the Redis protocol and is new enough. */
export type RedisBinary = {
  /** A path, or a name to be found on PATH. */
  readonly file: string;
  /** e.g. `Valkey 9.1.2`. */
  readonly version: string;
  /** Directories of shared libraries it needs besides the system's, joined by colons. */
  readonly libraryPath?: string;
};

export type ServerVersion = { readonly product: string; readonly numbers: readonly [number, number, number] };

/** BullMQ's scripts need commands of Redis 6.2. */
const MINIMUM_VERSION = [6, 2, 0] as const;

const VERSION_LINE = /^(\w+) server v=(\d+)\.(\d+)\.(\d+)/m;
const PROBE_TIMEOUT_MS = 10_000;

/** Reads what `redis-server --version` and `valkey-server --version` print; undefined for anything else. */
export function parseServerVersion(output: string): ServerVersion | undefined {
  const [, product, major, minor, patch] = VERSION_LINE.exec(output) ?? [];
  if (product === undefined) return undefined;
  return { product, numbers: [Number(major), Number(minor), Number(patch)] };
}

export function isNewEnough({ numbers }: ServerVersion): boolean {
  const [major, minor] = numbers;
  return major > MINIMUM_VERSION[0] || (major === MINIMUM_VERSION[0] && minor >= MINIMUM_VERSION[1]);
}

/** Runs the program to learn whether it starts here and is new enough; throws with the reason when not. */
export async function probeServer(file: string, libraryPath?: string): Promise<RedisBinary> {
  const place = libraryPath === undefined ? { file } : { file, libraryPath };
  const output = await run(serverProgram(place, ['--version']), { timeoutMs: PROBE_TIMEOUT_MS });
  const version = parseServerVersion(output);
  if (version === undefined) throw new Error(`${file} is no Redis-compatible server: ${output.trim().slice(0, 80)}`);
  const name = `${version.product} ${version.numbers.join('.')}`;
  if (!isNewEnough(version)) throw new Error(`${file} is ${name}; ${MINIMUM_VERSION.join('.')} or newer is needed`);
  return { ...place, version: name };
}

/**
 * The command line of a server program. The locale is fixed because Redis 7.2 and 8 end at once when the
 * environment names a locale that the machine does not have.
 */
export function serverProgram(
  { file, libraryPath }: { readonly file: string; readonly libraryPath?: string },
  args: readonly string[],
): Command {
  const libraries = libraryPath === undefined ? [] : [`LD_LIBRARY_PATH=${libraryPath}`];
  return behind(command('env', 'LC_ALL=C', ...libraries), command(file, ...args));
}
