import type { Exit } from '../embedded/index.ts';
import type { PartPhase, PartStatus } from '../state/state.ts';
import { backoff } from '../supervisor/backoff.ts';
import type { Clock } from '../supervisor/index.ts';

/** A running backing service. */
export interface ServiceHandle {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  stop(): Promise<void>;
}

export interface KeptServiceOptions {
  readonly name: string;
  readonly start: () => Promise<ServiceHandle>;
  readonly clock: Clock;
  readonly note: (line: string) => void;
  readonly onChange: () => void;
}

/** A backing service that is started again, on the same data and port, whenever it goes by itself. */
export class KeptService {
  readonly #options: KeptServiceOptions;
  #handle: ServiceHandle | undefined;
  #phase: PartPhase = 'waiting';
  #detail = '';
  #restarts = 0;
  #crashes = 0;
  #stopping = false;
  #cancelRestart = () => {};
  #starting: Promise<void> = Promise.resolve();

  constructor(options: KeptServiceOptions) {
    this.#options = options;
  }

  status(): PartStatus {
    return {
      name: this.#options.name,
      phase: this.#phase,
      detail: this.#detail,
      pid: this.#handle?.pid,
      restarts: this.#restarts,
    };
  }

  /** Says what a slow start is doing. */
  progress(detail: string): void {
    this.#set(this.#phase, detail);
  }

  /** The first start. Rejects when it fails: then something is wrong that a second try would not mend. */
  start(): Promise<void> {
    this.#set('starting');
    this.#starting = this.#run();
    return this.#starting;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelRestart();
    await this.#starting.catch(() => {});
    if (!this.#handle) return;
    this.#set('stopping');
    await this.#handle.stop();
  }

  async #run(): Promise<void> {
    const { clock, start } = this.#options;
    try {
      this.#handle = await start();
    } catch (error) {
      this.#set('failed', (error as Error).message);
      throw error;
    }
    const startedAt = clock.now();
    this.#set('ready');
    void this.#handle.exited.then(({ code, signal }) => this.#gone(signal ?? `exit code ${code}`, startedAt));
  }

  #gone(why: string, startedAt: number): void {
    this.#handle = undefined;
    if (this.#stopping) return;
    this.#restarts += 1;
    this.#again(`it ended (${why})`, this.#options.clock.now() - startedAt);
  }

  #again(why: string, uptimeMs: number): void {
    const { clock, name, note } = this.#options;
    const { crashes, delayMs } = backoff(this.#crashes, uptimeMs);
    this.#crashes = crashes;
    note(`${name}: ${why}; starting it again in ${delayMs / 1000} s`);
    this.#set('restarting', why);
    this.#cancelRestart = clock.after(delayMs, () => {
      this.#starting = this.#run().catch((error: Error) => {
        if (!this.#stopping) this.#again(error.message, 0);
      });
    });
  }

  #set(phase: PartPhase, detail = ''): void {
    this.#phase = phase;
    this.#detail = detail;
    this.#options.onChange();
  }
}
