import type { Logger } from '@bundler/runtime';
import { type Clock, sleep } from '../runtime/clock.ts';
import type { OperatorMetrics } from '../runtime/metrics.ts';
import { Conflict, NotFound, orUndefined } from './errors.ts';
import { heldBy, isFree, type Lease, type LeaseSpec, released, type Sighting, sight } from './lease-record.ts';
import { resources } from './resources.ts';
import type { KubeApi } from './rest.ts';

export interface LeaderElectionOptions {
  readonly api: Pick<KubeApi, 'get' | 'create' | 'replace'>;
  readonly namespace: string;
  /** Of the Lease. */
  readonly name: string;
  /** Of this process, and of no other. */
  readonly identity: string;
  /** Called once, when this process is the leader. */
  readonly onStarted: () => void;
  /** Called once, when it no longer is, without having been told to stop. The process must end then. */
  readonly onLost: () => void;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly logger: Logger;
  readonly metrics: OperatorMetrics;
}

/** What is done in the name of a leader who is none any more. */
export class NotLeader extends Error {
  constructor() {
    super('this process is not the leader: nothing is written');
    this.name = 'NotLeader';
  }
}

/** Others wait this long after the last renewal before they take over. */
const LEASE_MS = 15_000;
/** The leader stops sooner than that, so that its last words and the first of the next do not meet. */
const RENEW_MS = 10_000;
const RETRY_MS = 2000;

/** One process of several acts: it holds a Lease, renews it, and stops to act before another may begin. */
export class LeaderElection {
  readonly #options: LeaderElectionOptions;
  readonly #stop = new AbortController();
  #loop: Promise<void> | undefined;
  #seen: Sighting | undefined;
  /** Until when, by our own clock, this process may act; undefined when it is not the leader. */
  #until: number | undefined;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    options.metrics.leader.set(0);
  }

  get isLeader(): boolean {
    return this.#until !== undefined && this.#options.clock.now() < this.#until;
  }

  /** Who holds the lease, as last seen. */
  get holder(): string | undefined {
    return this.#seen?.lease.spec?.holderIdentity;
  }

  /**
   * To be called before every write. True leadership is a matter of time: a process that was frozen finds out here.
   * @throws NotLeader
   */
  fence(): void {
    if (!this.isLeader) throw new NotLeader();
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Ends it; a leader frees the lease, so that the next one begins at once. What it led must have stopped before. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('stopping'));
    await this.#loop;
    if (this.isLeader) await this.#release();
    this.#until = undefined;
    this.#options.metrics.leader.set(0);
  }

  async #run(): Promise<void> {
    const { onStarted, onLost, logger, metrics, identity } = this.#options;
    if (!(await this.#acquire()) || this.#stop.signal.aborted) return;
    logger.info({ identity }, 'this process is the leader');
    metrics.leader.set(1);
    onStarted();
    await this.#renew();
    if (this.#stop.signal.aborted) return;
    this.#until = undefined;
    metrics.leader.set(0);
    logger.error({ identity, holder: this.holder }, 'leadership is lost');
    onLost();
  }

  /** Tries until the lease is ours; false when told to stop. */
  async #acquire(): Promise<boolean> {
    const { random } = this.#options;
    while (!this.#stop.signal.aborted) {
      if ((await this.#try(RENEW_MS)) === 'held') return true;
      // Candidates that began together must not ask together for ever.
      await this.#pause(RETRY_MS * (1 + 1.2 * random()));
    }
    return false;
  }

  /** Renews until that has not worked for too long, somebody else has the lease, or it is told to stop. */
  async #renew(): Promise<void> {
    const { clock } = this.#options;
    await this.#pause(RETRY_MS);
    while (!this.#stop.signal.aborted) {
      const left = (this.#until ?? 0) - clock.now();
      if (left <= 0 || (await this.#try(left)) === 'taken') return;
      await this.#pause(Math.min(RETRY_MS, Math.max(0, (this.#until ?? 0) - clock.now())));
    }
  }

  async #try(timeoutMs: number): Promise<'held' | 'taken' | 'failed'> {
    const { clock, logger } = this.#options;
    const begun = clock.now();
    try {
      const held = await this.#takeOrRenew(timeoutMs);
      // Counted from before the request: the record may have been written at its very beginning.
      if (held) this.#until = begun + RENEW_MS;
      return held ? 'held' : 'taken';
    } catch (error) {
      if (!(error instanceof Conflict)) logger.warn({ err: error }, 'the lease could not be taken or renewed');
      // Whoever was faster is seen by reading again.
      if (error instanceof Conflict || error instanceof NotFound) this.#seen = undefined;
      return 'failed';
    }
  }

  async #takeOrRenew(timeoutMs: number): Promise<boolean> {
    const { clock, identity } = this.#options;
    const deadline = clock.now() + timeoutMs;
    // A leader knows the newest version, because it wrote it.
    if (!this.isLeader || !this.#seen) await this.#look(timeoutMs);
    if (this.#seen && !isFree(this.#seen, identity, clock.now(), LEASE_MS)) return false;
    await this.#write(heldBy(identity, clock.date(), LEASE_MS, this.#seen?.lease.spec), deadline - clock.now());
    return true;
  }

  async #look(timeoutMs: number): Promise<void> {
    const { api, clock, namespace, name } = this.#options;
    const ref = { type: resources.leases, namespace, name };
    const lease = await orUndefined(api.get<Lease>(ref, { timeoutMs }));
    this.#seen = lease && sight(lease, clock.now(), this.#seen);
  }

  async #write(spec: LeaseSpec, timeoutMs: number): Promise<void> {
    const { api, clock, namespace, name } = this.#options;
    const metadata = this.#seen?.lease.metadata ?? { name, namespace };
    const lease: Lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec };
    // With the version of what was seen, so that of two who take it one is refused.
    const written = this.#seen ? await api.replace(lease, { timeoutMs }) : await api.create(lease, { timeoutMs });
    this.#seen = sight(written, clock.now(), this.#seen);
  }

  async #release(): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      await this.#look(RETRY_MS);
      if (this.holder === this.#options.identity) {
        await this.#write(released(clock.date(), this.#seen?.lease.spec), RETRY_MS);
      }
    } catch (error) {
      logger.warn({ err: error }, 'the lease could not be freed; the next leader waits for its end');
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(this.#options.clock, ms, this.#stop.signal).catch(() => undefined);
  }
}
