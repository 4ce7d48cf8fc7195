import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import operatorPackage from '../../package.json' with { type: 'json' };
import { connectWithKubeConfig } from '../kube/connection.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Terminal } from './command.ts';
import { run } from './run.ts';

const { argv, env, stdin, stdout, stderr } = process;

async function ask(question: string): Promise<string> {
  const reader = createInterface({ input: stdin, output: stderr });
  try {
    return await reader.question(question);
  } finally {
    reader.close();
  }
}

const terminal: Terminal = {
  out: (words) => stdout.write(words),
  err: (words) => stderr.write(words),
  isTty: stdout.isTTY,
  colours: stdout.isTTY && !env.NO_COLOR,
  ask: stdin.isTTY ? ask : undefined,
  read: (path) => (path === '-' ? text(stdin) : readFile(path, 'utf8')),
  save: (path, bytes) => writeFile(path, bytes, { flag: 'wx', mode: 0o600 }),
};

// Whoever reads may stop reading, as `head` does.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

// The exit code is set and not forced: what was written to a pipe must still get there.
process.exitCode = await run(argv.slice(2), {
  version: operatorPackage.version,
  terminal,
  clock: systemClock,
  connect: (kubeconfig, context) =>
    connectWithKubeConfig(kubeconfig || env.KUBECONFIG || join(homedir(), '.kube', 'config'), context),
});
