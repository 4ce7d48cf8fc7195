import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dataPaths, type Environment, type Options } from '../config/options.ts';
import type { Platform } from '../config/platform.ts';
import { watchFiles } from '../config/watch.ts';
import { defaultCacheDir, freePort } from '../embedded/index.ts';
import type { Command } from '../embedded/process/command.ts';
import { processIdentity } from '../embedded/process/process-table.ts';
import { ensureAdminKey } from '../services/admin-key.ts';
import { migrate } from '../services/migrate.ts';
import { openSecret } from '../services/secret.ts';
import { openWallet } from '../services/wallet.ts';
import { isReady, type PartPhase, type State } from '../state/state.ts';
import { StateWriter } from '../state/state-file.ts';
import { createLauncher, Supervisor, systemClock } from '../supervisor/index.ts';
import { BackingServices } from './backing-services.ts';
import { readConfiguration, readGivenEnvironment, readOverrides } from './configuration.ts';
import { writeLiveFile } from './live-file.ts';
import { endLeftovers, lineLog, openLog, pidFiles } from './replica-files.ts';

export interface StandaloneOptions {
  readonly options: Options;
  /** The supervisor's own environment; settings in it are not looked at. */
  readonly environment: Environment;
  /** Puts in front of a command what ties it to the life of the supervisor. */
  readonly wrap: (command: Command) => Command;
  readonly note: (line: string) => void;
}

/** How long a new version may take to become ready before the old one is kept. */
const ROLLOUT_DEADLINE_MS = 60_000;

/** The platform on one machine, from its backing services to its processes. */
export class StandalonePlatform {
  readonly #options: Options;
  readonly #note: (line: string) => void;
  readonly #environment: Environment;
  readonly #state: StateWriter;
  readonly #supervisor: Supervisor;
  readonly #startedAt = new Date().toISOString();
  #backing: BackingServices | undefined;
  #migrations: PartPhase = 'waiting';
  #platform: Platform | undefined;
  #revision: State['revision'];
  #refusal: State['refusal'];
  #failure: State['failure'];
  #overridden: readonly string[] = [];
  #readings = 0;
  #announced = false;
  #ended = false;
  #applying: Promise<void> = Promise.resolve();
  #stopWatching = () => {};

  constructor({ options, environment, wrap, note }: StandaloneOptions) {
    const { run, logs, state } = dataPaths(options.dataDir);
    this.#options = options;
    this.#note = note;
    this.#environment = environment;
    this.#state = new StateWriter(state);
    this.#supervisor = new Supervisor({
      ...pidFiles(run),
      clock: systemClock,
      rolloutDeadlineMs: ROLLOUT_DEADLINE_MS,
      launch: createLauncher({ root: options.root, environment, wrap }),
      freePort,
      openLog: (name) => openLog(logs, name),
      note,
      onChange: () => this.#publish(),
    });
  }

  /** Starts everything in order. Rejects when a part cannot be started; what has started then waits for `stop`. */
  async start(): Promise<void> {
    const paths = dataPaths(this.#options.dataDir);
    for (const directory of [paths.run, paths.logs, paths.objects]) await mkdir(directory, { recursive: true });
    await ensureAdminKey(paths);
    this.#publish();
    for (const name of await endLeftovers(paths.run)) this.#note(`ended ${name}, left over from a run that crashed`);
    await this.#step('wallet', () => this.#startBacking(paths));
    this.#migrations = 'starting';
    this.#publish();
    await this.#step('migrations', () => this.#migrate());
    this.#migrations = 'done';
    await this.#step('configuration', () => this.reload());
    if (!this.#platform) throw this.#fail('configuration', this.#refusal?.problems.join('\n') ?? '');
    const watched = [this.#options.specFile, join(this.#options.root, '.env')];
    this.#stopWatching = watchFiles(watched, systemClock, () => void this.reload());
  }

  /** Reads the configuration again and rolls what changed; one that is wrong is refused, and the last one stays. */
  reload(): Promise<void> {
    this.#applying = this.#applying.then(() => this.#apply());
    return this.#applying;
  }

  /** Stops the processes, then what they stand on. */
  async stop(): Promise<void> {
    this.#stopWatching();
    await this.#supervisor.stop();
    await this.#backing?.stop();
    this.#ended = true;
    if (this.#failure) await this.#state.settled();
    else await this.#state.remove();
  }

  async #startBacking(paths: ReturnType<typeof dataPaths>): Promise<void> {
    const wallet = await openWallet(paths.wallet);
    this.#backing = new BackingServices({
      options: this.#options,
      wallet,
      privateRouteSecret: await openSecret(paths.privateRouteSecret),
      cacheDir: defaultCacheDir(this.#environment),
      given: await readOverrides(this.#options, await readGivenEnvironment(this.#options)),
      clock: systemClock,
      note: this.#note,
      onChange: () => this.#publish(),
      logOf: (name) => lineLog(paths.logs, name),
    });
    await this.#backing.start();
  }

  async #migrate(): Promise<void> {
    const { PATH = '', HOME = '' } = this.#environment;
    const given = await readOverrides(this.#options, await readGivenEnvironment(this.#options));
    await migrate(this.#options.root, { PATH, HOME, ...this.#backing?.provided, ...given });
  }

  async #apply(): Promise<void> {
    const given = await readGivenEnvironment(this.#options);
    const { platform, problems, overridden } = await readConfiguration(
      this.#options,
      given,
      this.#backing?.provided ?? {},
      this.#nextNumber(),
    );
    if (platform) await this.#accept(platform, overridden);
    else this.#refuse(problems);
    this.#readings += 1;
    this.#publish();
  }

  #nextNumber(): number {
    return (this.#revision?.number ?? 0) + 1;
  }

  async #accept(platform: Platform, overridden: readonly string[]): Promise<void> {
    if (platform.hash !== this.#revision?.hash) {
      try {
        // Before the processes: those that are started now read it first of all.
        await writeLiveFile(dataPaths(this.#options.dataDir).live, platform.live);
      } catch (error) {
        return this.#refuse([`the live settings cannot be written: ${(error as Error).message}`]);
      }
      const number = this.#nextNumber();
      this.#revision = { number, hash: platform.hash, since: new Date().toISOString() };
      this.#note(`configuration ${number} (${platform.hash}) is in effect`);
    }
    this.#refusal = undefined;
    this.#overridden = overridden;
    this.#platform = platform;
    this.#supervisor.apply(platform.desired);
  }

  #refuse(problems: readonly string[]): void {
    this.#refusal = { at: new Date().toISOString(), problems };
    this.#note(`the configuration is refused, the last good one stays:\n  ${problems.join('\n  ')}`);
  }

  async #step(name: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const { message, cause } = error as Error;
      throw this.#fail(typeof cause === 'string' ? cause : name, message);
    }
  }

  #fail(part: string, message: string): Error {
    this.#failure = { part, message };
    if (part === 'migrations') this.#migrations = 'failed';
    this.#publish();
    return new Error(`${part}: ${message}`);
  }

  #publish(): void {
    if (this.#ended) return;
    const state = this.#describe();
    this.#state.write(state);
    if (!this.#announced && isReady(state)) {
      this.#announced = true;
      this.#note('everything is ready');
    }
  }

  #describe(): State {
    const { uploadPort, paymentEnabled, paymentPort, adminEnabled, adminServicePort, arweaveConfirmations } =
      this.#platform?.config ?? {};
    const migrations = { name: 'migrations', phase: this.#migrations, detail: '', pid: undefined, restarts: 0 };
    return {
      supervisor: { pid: process.pid, identity: processIdentity(process.pid) ?? '' },
      startedAt: this.#startedAt,
      parts: [...(this.#backing?.services.map((service) => service.status()) ?? []), migrations],
      ...this.#supervisor.status(),
      readings: this.#readings,
      revision: this.#revision,
      overridden: this.#overridden,
      refusal: this.#refusal,
      failure: this.#failure,
      urls: {
        ...(uploadPort === undefined ? {} : { upload: `http://127.0.0.1:${uploadPort}` }),
        ...(paymentEnabled ? { payment: `http://127.0.0.1:${paymentPort}` } : {}),
        ...(adminEnabled ? { admin: `http://127.0.0.1:${adminServicePort}` } : {}),
        gateway: `http://127.0.0.1:${this.#options.ports.gateway}`,
      },
      confirmations: arweaveConfirmations,
    };
  }
}
