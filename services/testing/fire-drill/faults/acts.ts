import type { Restartable, RunningProcess } from '../../src/restartable.ts';
import type { Undo } from './fault.ts';

/** A process that gets no processor time any more: its connections stay open, and nobody answers. */
export async function freeze(pid: number): Promise<Undo> {
  process.kill(pid, 'SIGSTOP');
  return async () => void process.kill(pid, 'SIGCONT');
}

/** kill -9 for a server, which stays away until this is undone. */
export async function killUntilUndone(server: Restartable<RunningProcess>): Promise<Undo> {
  const away = Promise.withResolvers<void>();
  const back = server.crash(away.promise);
  await server.running.exited;
  return async () => {
    away.resolve();
    await back;
  };
}

/** Does something again and again, until undone. */
export function repeat(milliseconds: number, act: () => void): Undo {
  const timer = setInterval(act, milliseconds);
  return async () => clearInterval(timer);
}
