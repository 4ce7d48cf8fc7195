import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const plugin = fileURLToPath(new URL('../../../../operator/bin/kubectl-bundler', import.meta.url));

/** What a run of the plugin came to. */
export interface PluginRun {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `kubectl bundler` with these arguments and this standard input. */
export async function runPlugin(args: readonly string[], input = ''): Promise<PluginRun> {
  const child = spawn(plugin, [...args], { env: { PATH: process.env.PATH ?? '' } });
  child.stdin.end(input);
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await exit, out, err };
}
