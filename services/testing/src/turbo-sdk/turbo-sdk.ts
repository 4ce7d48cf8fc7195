import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SdkAnswer, SdkTask, SdkTasks } from './protocol.ts';

const driver = fileURLToPath(new URL('../../sdk/driver.ts', import.meta.url));

/** What the SDK threw. */
export class SdkError extends Error {
  /** Of the answer that it takes the blame from. */
  readonly status: number | undefined;

  constructor({ name, message, status }: { name: string; message: string; status: number | undefined }) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** The SDK in a process of its own: jest need not load hundreds of megabytes, and its `fetch` is Node's own. */
export class TurboSdk {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #lastWords = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on('data', (text: Buffer) => {
      this.#lastWords = `${this.#lastWords}${text}`.slice(-2000);
    });
    child.on('message', (answer: SdkAnswer) => this.#settle(answer));
    child.on('exit', (code) => {
      const error = new Error(`the process with the SDK ended with ${code}: ${this.#lastWords}`);
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  /** Starts the process with the SDK that is installed in a directory. */
  static start(installDir: string): TurboSdk {
    return new TurboSdk(
      fork(driver, [installDir], {
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        // Not those of the test runner.
        execArgv: [],
      }),
    );
  }

  /** Lets the SDK do something. @throws SdkError with what it threw */
  do<T extends SdkTask>(task: T, params: SdkTasks[T]['params']): Promise<SdkTasks[T]['result']> {
    this.#calls += 1;
    const call = this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      this.#child.send({ call, task, params }, (error) => error && reject(error));
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }

  #settle(answer: SdkAnswer): void {
    const waiting = this.#waiting.get(answer.call);
    this.#waiting.delete(answer.call);
    if ('error' in answer) waiting?.reject(new SdkError(answer.error));
    else waiting?.resolve(answer.result as never);
  }
}
