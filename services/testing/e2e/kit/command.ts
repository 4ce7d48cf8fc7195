import { spawn } from 'node:child_process';

export interface CommandOptions {
  /** Written to its standard input. */
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** A program that ended with something other than 0; its message is what the program said. */
export class CommandFailed extends Error {
  readonly stderr: string;

  constructor(line: string, code: number | null, stderr: string) {
    super(`${line} ended with ${code}: ${stderr.trim().split('\n').slice(-6).join('\n')}`);
    this.stderr = stderr;
  }
}

/** Runs a program to its end. @returns what it wrote to its standard output */
export async function runCommand(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { input = '', timeoutMs = 120_000 } = options;
  const child = spawn(file, args, { stdio: 'pipe', timeout: timeoutMs });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  // A program that ends before it has read everything says so itself.
  child.stdin.on('error', () => undefined).end(input);
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new CommandFailed(`${file} ${args.slice(0, 6).join(' ')}`, code, output.stderr);
  return output.stdout;
}
