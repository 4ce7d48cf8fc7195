import { fork } from 'node:child_process';
import { once } from 'node:events';

type FromChild =
  | { readonly kind: 'ready' }
  | { readonly kind: 'event'; readonly event: unknown }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'error'; readonly message: string };

export interface ChildOptions<Event> {
  readonly env?: Readonly<Record<string, string>>;
  /** Called when the child has made everything ready; what it measures starts when this resolves. */
  readonly onReady?: (pid: number) => Promise<void>;
  readonly onEvent?: (event: Event) => void;
}

/**
 * Runs a script of `asChild` to its end in a process of its own, so that what it costs stands apart from everything
 * else.
 *
 * @throws Error with what the child says went wrong, or when it ends without a result
 */
export async function runChild<Result, Event = never>(
  script: URL,
  input: unknown,
  options: ChildOptions<Event> = {},
): Promise<Result> {
  const child = fork(script, { env: { ...process.env, ...options.env }, execArgv: [] });
  try {
    return await new Promise<Result>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`${script.pathname} ended early (${signal ?? code})`)));
      child.on('message', (message: FromChild) => {
        if (message.kind === 'result') resolve(message.result as Result);
        else if (message.kind === 'error') reject(new Error(message.message));
        else if (message.kind === 'event') options.onEvent?.(message.event as Event);
        else void (options.onReady?.(child.pid!) ?? Promise.resolve()).then(() => child.send('go'), reject);
      });
      child.send({ input });
    });
  } finally {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
  }
}

/** What a child's work has of its parent. */
export interface Parent<Event> {
  /** Says that everything is ready, and waits until the parent says go. */
  ready(): Promise<void>;
  tell(event: Event): void;
}

/** The child's side: takes the input, does the work, sends its result, and ends when the parent does. */
export function asChild<Event = never>(work: (input: never, parent: Parent<Event>) => Promise<unknown>): void {
  const send = (message: FromChild): void => void process.send?.(message);
  let go = (): void => undefined;
  const parent: Parent<Event> = {
    ready: () => {
      const going = new Promise<void>((resolve) => {
        go = resolve;
      });
      send({ kind: 'ready' });
      return going;
    },
    tell: (event) => send({ kind: 'event', event }),
  };
  process.once('disconnect', () => process.exit(1));
  process.on('message', (message: 'go' | { input: never }) => {
    if (message === 'go') return go();
    work(message.input, parent).then(
      (result) => send({ kind: 'result', result }),
      (error: Error) => send({ kind: 'error', message: error.stack ?? error.message }),
    );
  });
}

/** A server in a process of its own that tells its port with `asServer`. */
export interface ServerChild {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export async function startServerChild(script: URL): Promise<ServerChild> {
  const child = fork(script, { execArgv: [] });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { port: number }) => resolve(message.port));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${script.pathname} ended with ${code} before it listened`)));
  });
  const exited = once(child, 'exit');
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid!,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The server's side: tells the port, and ends when the parent does. */
export function asServer(port: number): void {
  process.once('disconnect', () => process.exit(0));
  process.send?.({ port });
}
