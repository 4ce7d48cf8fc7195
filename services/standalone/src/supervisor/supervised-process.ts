import type { Writable } from 'node:stream';
import { backoff } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { Phase } from './diff.ts';
import { watchHealth } from './health-watch.ts';
import type { Child, Launch } from './launch.ts';
import type { ProcessTemplate } from './template.ts';

/** What a supervised process needs from its surroundings. */
export interface Surroundings {
  readonly launch: Launch;
  readonly clock: Clock;
  readonly freePort: () => Promise<number>;
  /** Where the output of the process with this name goes. */
  readonly openLog: (name: string) => Writable;
  readonly recordPid: (name: string, pid: number) => void;
  readonly forgetPid: (name: string, pid: number) => void;
  /** Takes a line for people. */
  readonly note: (line: string) => void;
}

/** One replica of a template: started, watched, started again after a crash, until it is stopped. */
export class SupervisedProcess {
  readonly id: number;
  readonly name: string;
  readonly template: ProcessTemplate;
  phase: Phase = 'starting';
  restarts = 0;
  crashes = 0;
  adminPort: number | undefined;
  readonly #around: Surroundings;
  readonly #changed: () => void;
  readonly #log: Writable;
  readonly #gone = Promise.withResolvers<void>();
  #child: Child | undefined;
  #startedAt = 0;
  #cancelRestart = () => {};
  #stopWatch = () => {};

  constructor(
    identity: { id: number; name: string; template: ProcessTemplate },
    around: Surroundings,
    changed: () => void,
  ) {
    this.id = identity.id;
    this.name = identity.name;
    this.template = identity.template;
    this.#around = around;
    this.#changed = changed;
    this.#log = around.openLog(identity.name);
    void this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get deployment(): string {
    return this.template.deployment;
  }

  get hash(): string {
    return this.template.hash;
  }

  /** Settles when the process is gone for good, after `stop`. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Asks it to end, and ends it by force when its grace is over. */
  stop(): void {
    if (this.phase === 'stopping') return;
    const asleep = this.phase === 'waiting';
    this.#setPhase('stopping');
    this.#stopWatch();
    this.#cancelRestart();
    if (asleep) this.#finish();
    else if (this.#child) this.#terminate(this.#child);
  }

  async #start(): Promise<void> {
    const why = await this.#live().catch((error: Error) => error.message);
    this.#ended(why);
  }

  /** Runs the process once; the answer says why it ended. */
  async #live(): Promise<string> {
    const { clock, freePort, launch, recordPid } = this.#around;
    this.#startedAt = clock.now();
    const port = await freePort();
    if (this.phase === 'stopping') return 'stopped before it started';
    const child = launch(this.template, { ADMIN_PORT: String(port) });
    this.#child = child;
    this.adminPort = port;
    recordPid(this.name, child.pid);
    for (const stream of child.output) stream.pipe(this.#log, { end: false });
    this.#stopWatch = watchHealth(this.template, port, clock, {
      ready: (ready) => this.#setPhase(ready ? 'ready' : 'unready'),
      dead: () => {
        this.#around.note(`${this.name} (pid ${child.pid}) does not answer: ending it`);
        this.#terminate(child);
      },
    });
    return child.exited;
  }

  #ended(why: string): void {
    this.#stopWatch();
    if (this.#child) this.#around.forgetPid(this.name, this.#child.pid);
    this.#child = undefined;
    this.adminPort = undefined;
    if (this.phase === 'stopping') return this.#finish();
    const { crashes, delayMs } = backoff(this.crashes, this.#around.clock.now() - this.#startedAt);
    this.crashes = crashes;
    this.restarts += 1;
    this.#around.note(`${this.name} ended by itself (${why}); starting it again in ${delayMs / 1000} s`);
    this.#cancelRestart = this.#around.clock.after(delayMs, () => {
      this.#setPhase('starting');
      void this.#start();
    });
    this.#setPhase('waiting');
  }

  #terminate(child: Child): void {
    child.kill('SIGTERM');
    const cancel = this.#around.clock.after(this.template.graceMs, () => {
      this.#around.note(
        `${this.name} (pid ${child.pid}) did not stop in ${this.template.graceMs / 1000} s: killing it`,
      );
      child.kill('SIGKILL');
    });
    void child.exited.then(cancel);
  }

  #finish(): void {
    this.#log.end();
    this.#gone.resolve();
  }

  #setPhase(phase: Phase): void {
    this.phase = phase;
    this.#changed();
  }
}
