import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const TIMEOUT_MS = 600_000;

const SCRIPTS = ['services/workers/src/migrate.ts', 'services/payment/src/migrate.ts'];

/** Brings both databases to the schemas of this version. Throws with the last lines the program wrote. */
export async function migrate(root: string, env: Readonly<Record<string, string>>): Promise<void> {
  const run = promisify(execFile);
  try {
    for (const script of SCRIPTS) await run(process.execPath, [script], { cwd: root, env, timeout: TIMEOUT_MS });
  } catch (error) {
    const { stderr = '', stdout = '', message } = error as Error & { stderr?: string; stdout?: string };
    const lines = (stderr.trim() || stdout.trim() || message).split('\n').slice(-15);
    throw new Error(lines.join('\n'), { cause: error });
  }
}
