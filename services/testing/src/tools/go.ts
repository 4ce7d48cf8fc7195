import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** One run of the go command that downloads and compiles for minutes. */
export interface GoRun {
  /** How lines and errors call what is made, e.g. `etcd v3.6.4`. */
  readonly label: string;
  /** Arguments of `go`, among them `-v`: each line then is a package that was compiled. */
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Keeps modules and compiled packages; a run that was interrupted goes on from there. */
  readonly work: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told a line about every quarter of a minute. */
  readonly progress: (line: string) => void;
}

const PROGRESS_MS = 15_000;
/** Where Go's own installer puts it, for users whose PATH does not say so. */
const GO_DIRECTORY = '/usr/local/go/bin';
const LAST_LINES = 5;

/**
 * Runs go with everything in its work directory: it needs no HOME then, and no right to write anywhere else.
 *
 * @throws Error that says why it failed: no Go, no network, a failed build
 */
export async function runGo({ label, args, cwd, work, env, progress }: GoRun): Promise<void> {
  // nice: it shares the machine with tests that have time limits.
  const child = spawn('nice', ['-n', '10', 'go', ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: {
      ...env,
      PATH: `${env.PATH ?? ''}:${GO_DIRECTORY}`,
      GOPATH: join(work, 'go'),
      GOBIN: join(work, 'bin'),
      GOMODCACHE: join(work, 'modules'),
      GOCACHE: join(work, 'objects'),
      GOTMPDIR: '',
      CGO_ENABLED: '0',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const started = performance.now();
  progress(`building ${label} with Go; this takes some minutes, once`);
  const timer = setInterval(() => {
    const seconds = Math.round((performance.now() - started) / 1000);
    progress(`building ${label}: ${seconds} s, ${lines.length} modules and packages done`);
  }, PROGRESS_MS);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    // With -v most lines are the bare names of packages; the others say what happened.
    const words = lines.filter((line) => line.includes(' ')).slice(-LAST_LINES);
    if (code !== 0) throw new Error(`${label} cannot be built: ${words.join(' ')}`);
  } finally {
    clearInterval(timer);
  }
}
