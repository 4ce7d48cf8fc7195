import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProgramName } from './names.ts';

const TIMEOUT_MS = 30_000;

/** Asks a server for its version. @throws Error when it does not run here, or is something else */
export async function verifyProgram(name: ProgramName, path: string): Promise<void> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: TIMEOUT_MS });
  const [line = ''] = stdout.split('\n');
  const expected = name === 'etcd' ? /^etcd Version: \d/ : /^Kubernetes v\d/;
  if (!expected.test(line)) throw new Error(`${path} is no ${name}: it calls itself ${JSON.stringify(line)}`);
}
