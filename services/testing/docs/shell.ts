import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { atPorts, type Block } from './blocks.ts';

/** Where and with what a script runs. */
export interface Surroundings {
  /** The whole environment: nothing of the test's own is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
  readonly ports?: Readonly<Record<number, number>>;
  /** Milliseconds after which it and its children are killed. */
  readonly patience: number;
}

/**
 * Runs the commands of a block as a person does who pastes them, one after another, until the first that fails.
 *
 * @returns nothing when all went well; else the page, the line, the commands and all that they printed
 */
export async function failureOf(
  block: Block,
  { env, directory, ports = {}, patience }: Surroundings,
): Promise<string | undefined> {
  const script = atPorts(block.script, ports);
  const { code, output } = await bash(['-euo', 'pipefail', '-c', script], { env, directory, patience });
  if (code === 0) return undefined;
  const end = code === null ? `did not end within ${patience / 1000} s` : `ended with ${code}`;
  return `${block.page}:${block.line} ${end}\n${script}\n--- output\n${output}`;
}

/** What bash has against a script, without running it; empty when nothing. */
export async function syntaxErrors(block: Block, surroundings: Surroundings): Promise<string> {
  const { code, output } = await bash(['-n', '-c', block.script], surroundings);
  return code === 0 ? '' : `${block.page}:${block.line} ${output}`;
}

async function bash(
  args: readonly string[],
  { env, directory, patience }: Surroundings,
): Promise<{ code: number | null; output: string }> {
  // A group of its own, so that what it leaves in the background ends with it.
  const child = spawn('bash', args, {
    cwd: directory,
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += String(bytes)));
  const endGroup = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // Nothing of it is left.
    }
  };
  const timer = setTimeout(endGroup, patience);
  try {
    // What stays in the background holds the pipes open, until it is ended with the group.
    const [code] = (await once(child, 'exit')) as [number | null];
    const closed = child.stdout.closed && child.stderr.closed ? undefined : once(child, 'close');
    endGroup();
    await closed;
    return { code, output };
  } finally {
    clearTimeout(timer);
    endGroup();
  }
}
