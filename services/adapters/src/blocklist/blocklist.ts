import { type Logger, type Metrics, RepeatedLook, readLiveFile } from '@bundler/runtime';
import { parseBlocklist } from './parse.ts';

/** Changes that a line of the log names at most, of each kind; the file has all of them. */
const MAX_NAMED = 20;

export interface BlocklistOptions {
  /** Empty means that there is none. */
  readonly path: string;
  readonly logger: Pick<Logger, 'info' | 'error'>;
  readonly metrics: Pick<Metrics, 'blocklistEntries' | 'blocklistErrors'>;
  readonly everyMs?: number;
}

/**
 * Addresses in a file of up to 1 MiB, as large as a ConfigMap can be, that is followed while the process runs. What cannot be used
 * is reported and changes nothing: nobody becomes free by a mistake in it.
 */
export class Blocklist {
  readonly #options: BlocklistOptions;
  readonly #looks = new RepeatedLook(() => this.#look());
  #text = '';
  #entries: readonly string[] = [];
  #problem: string | undefined;

  /** @throws Error when the file cannot be used: a process must not begin without what it is told to refuse */
  static async open(options: BlocklistOptions): Promise<Blocklist> {
    const list = new Blocklist(options);
    if (options.path === '') return list;
    try {
      await list.#read();
    } catch (error) {
      const message = `BLOCKED_ADDRESSES_FILE ${options.path}: ${(error as Error).message}`;
      throw new Error(message, { cause: error });
    }
    list.#looks.start(options.everyMs);
    return list;
  }

  private constructor(options: BlocklistOptions) {
    this.#options = options;
    options.metrics.blocklistEntries.set(0);
  }

  /** The addresses; another array as soon as they are others. */
  get entries(): readonly string[] {
    return this.#entries;
  }

  /** Looks at the file now. */
  refresh(): Promise<void> {
    return this.#looks.now();
  }

  close(): Promise<void> {
    return this.#looks.stop();
  }

  async #look(): Promise<void> {
    try {
      await this.#read();
      this.#problem = undefined;
    } catch (error) {
      this.#refuse((error as Error).message);
    }
  }

  async #read(): Promise<void> {
    const { path, logger, metrics } = this.#options;
    const text = await readLiveFile(path);
    if (text === this.#text) return;
    const entries = parseBlocklist(text);
    const [before, after] = [new Set(this.#entries), new Set(entries)];
    const added = entries.filter((entry) => !before.has(entry));
    const removed = this.#entries.filter((entry) => !after.has(entry));
    this.#text = text;
    if (added.length + removed.length > 0) this.#entries = entries;
    metrics.blocklistEntries.set(entries.length);
    // Who was let in or shut out, and when, is asked for long after the file has changed again.
    logger.info({ file: path, entries: entries.length, added: some(added), removed: some(removed) }, 'blocklist read');
  }

  /** One line and one count for each new problem, however long the file stays as it is. */
  #refuse(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#options.metrics.blocklistErrors.inc();
    this.#options.logger.error({ file: this.#options.path, problem }, 'blocklist refused; the last good one stays');
  }
}

const some = (all: readonly string[]) => ({ count: all.length, first: all.slice(0, MAX_NAMED) });
