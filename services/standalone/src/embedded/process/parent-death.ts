import { behind, type Command, command, succeeds } from './command.ts';

/**
 * Makes the kernel send `signal` to the command when its parent dies, however that dies (Linux, through setpriv of
 * util-linux). Where setpriv is missing the command is returned as it is: the next start ends what was left over, by
 * its pid file. The kernel watches the parent's *thread*, so start such commands from the main thread.
 */
export async function dieWithParent(inner: Command, signal: 'INT' | 'TERM'): Promise<Command> {
  const prefix = command('setpriv', '--pdeathsig', signal, '--');
  return (await succeeds(behind(prefix, command('true')))) ? behind(prefix, inner) : inner;
}
