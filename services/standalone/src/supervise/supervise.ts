import { once } from 'node:events';
import type { Environment, Options } from '../config/options.ts';
import { behind, type Command, command } from '../embedded/process/command.ts';
import { dieWithParent } from '../embedded/process/parent-death.ts';
import { StandalonePlatform } from './standalone-platform.ts';

/**
 * Runs the platform until SIGTERM or SIGINT; SIGHUP reads the configuration again.
 *
 * @returns the exit code
 */
export async function supervise(options: Options, environment: Environment): Promise<number> {
  const stopped = Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  const note = (line: string) => console.log(`${new Date().toISOString()} ${line}`);
  const platform = new StandalonePlatform({ options, environment, wrap: await tieToOurLife(), note });
  process.on('SIGHUP', () => {
    note('told to read the configuration again');
    void platform.reload();
  });
  let code = 0;
  try {
    await Promise.race([platform.start(), stopped]);
    await stopped;
    note('stopping');
  } catch (error) {
    note(`giving up: ${(error as Error).message}`);
    code = 1;
  }
  await platform.stop();
  note('stopped');
  return code;
}

/** Asked for once: whether commands can be tied to the life of this process does not change while it lives. */
async function tieToOurLife(): Promise<(inner: Command) => Command> {
  const probe = command('true');
  const tied = await dieWithParent(probe, 'TERM');
  if (tied === probe) return (inner) => inner;
  const prefix = { file: tied.file, args: tied.args.slice(0, -1) };
  return (inner) => behind(prefix, inner);
}
