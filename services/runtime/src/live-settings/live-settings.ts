import { type Config, type Role, settings, settingsOf } from '@bundler/contract';
import { ConfigError, type Environment, loadConfig } from '../config.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type LiveDocument, parseLiveDocument } from './document.ts';
import { readLiveFile } from './read-file.ts';
import { RepeatedLook } from './repeated-look.ts';
import { changedSettings, liveView, printSettings } from './view.ts';

/** What a process says about its settings. */
export interface SettingsReport {
  /** Generation of the BundlerConfig whose live settings are in effect; 0 when the environment alone rules. */
  readonly generation: number;
  /** The values in effect, by environment variable. Secrets are left out. */
  readonly settings: Readonly<Record<string, string>>;
  /** Values asked for that only a new process can obey. */
  readonly waiting: Readonly<Record<string, string>>;
  /** Why the file as it stands now cannot be used; the values before it stay. */
  readonly problem: string | undefined;
}

export interface Following {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'liveSettingsGeneration' | 'liveSettingsErrors'>;
  /** What this process can take of the configuration asked for; by default all of it. */
  readonly restrict?: (asked: Config, current: Config) => Config;
  /** How often the file is looked at, milliseconds. */
  readonly everyMs?: number;
}

/** What a file of a later version says beyond this process's own settings is none of its business. */
const LIVE_VARIABLES = new Set(
  Object.values(settings)
    .filter(({ applies }) => applies === 'live')
    .map(({ env }): string => env),
);

/** A process's configuration, and the live part of it as it changes. */
export class LiveSettings {
  /**
   * Every setting of the role. A live one has at each use the value in effect then: read it where it is needed, or do in
   * `onChange` what has to be done about it.
   */
  readonly config: Config;
  readonly #role: Role;
  readonly #env: Environment;
  readonly #path: string;
  readonly #listeners: (() => void)[] = [];
  readonly #looks = new RepeatedLook(() => this.#look());
  #following: Following | undefined;
  #generation = 0;
  #asked: Config;
  #current: Config;
  #text: string | undefined;
  #problem: string | undefined;

  /**
   * Reads the environment and the file that it names.
   *
   * @throws ConfigError when either is wrong: a process that does not know its settings must not begin with others
   */
  static async open(role: Role, env: Environment): Promise<LiveSettings> {
    const live = new LiveSettings(role, env, loadConfig(role, env));
    if (live.#path === '') return live;
    try {
      live.#text = await readLiveFile(live.#path);
      const document = parseLiveDocument(live.#text);
      live.#current = live.#asked = live.#merge(document);
      live.#generation = document.generation;
    } catch (error) {
      throw new ConfigError(`LIVE_SETTINGS_FILE ${live.#path} ${(error as Error).message}`, { cause: error });
    }
    return live;
  }

  private constructor(role: Role, env: Environment, start: Config) {
    this.#role = role;
    this.#env = env;
    this.#path = start.liveSettingsFile;
    this.#asked = start;
    this.#current = start;
    this.config = liveView(role, () => this.#current);
  }

  /** From now on obeys every change of the file, until `stop`. */
  follow(following: Following): void {
    this.#following = following;
    following.metrics.liveSettingsGeneration.set(this.#generation);
    following.metrics.liveSettingsErrors.inc(0);
    if (this.#path !== '') this.#looks.start(following.everyMs);
  }

  /** Calls `listener` after every change, and now, so that what follows a setting is set in one place only. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
    listener();
  }

  /** Looks at the file now. What cannot be used is reported and changes nothing. */
  refresh(): Promise<void> {
    return this.#looks.now();
  }

  report(): SettingsReport {
    const names = settingsOf(this.#role).map(([name]) => name);
    return {
      generation: this.#generation,
      settings: printSettings(names, this.#current),
      waiting: printSettings(changedSettings(this.#role, this.#current, this.#asked), this.#asked),
      problem: this.#problem,
    };
  }

  stop(): Promise<void> {
    return this.#looks.stop();
  }

  async #look(): Promise<void> {
    try {
      const text = await readLiveFile(this.#path);
      if (text !== this.#text) {
        const document = parseLiveDocument(text);
        this.#accept(this.#merge(document), document.generation);
        this.#text = text;
      }
      this.#problem = undefined;
    } catch (error) {
      this.#refuse((error as Error).message);
    }
  }

  #accept(asked: Config, generation: number): void {
    const { logger, metrics, restrict } = this.#following ?? {};
    const before = this.#current;
    this.#asked = asked;
    this.#current = restrict ? restrict(asked, before) : asked;
    this.#generation = generation;
    metrics?.liveSettingsGeneration.set(generation);
    const changed = changedSettings(this.#role, before, this.#current);
    const waiting = this.report().waiting;
    if (changed.length > 0) this.#tell();
    logger?.info({ generation, changed: printSettings(changed, this.#current), waiting }, 'live settings in effect');
  }

  #tell(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch (error) {
        this.#following?.logger.error({ err: error }, 'a live setting could not be applied');
      }
    }
  }

  /** One line and one count for each new problem, however long the file stays as it is. */
  #refuse(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#following?.metrics.liveSettingsErrors.inc();
    this.#following?.logger.error({ file: this.#path, problem }, 'live settings refused; the last good ones stay');
  }

  /** The document's values stand over the environment and are checked as that is. @throws ConfigError */
  #merge({ settings: given }: LiveDocument): Config {
    const live = Object.entries(given).filter(([name]) => LIVE_VARIABLES.has(name));
    return loadConfig(this.#role, { ...this.#env, ...Object.fromEntries(live) });
  }
}
