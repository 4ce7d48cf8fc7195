import { BundlerClient } from '@bundler/client';
import pg from 'pg';
import { PLATFORM } from './context.ts';
import type { Kubectl } from './kubectl.ts';
import type { BundlerConfig, Condition, Pod, Secret } from './objects.ts';
import { type Reached, reach } from './reach.ts';
import { until } from './until.ts';

/** The installed platform: its configuration, its pods, its address, its tables. */
export class Platform {
  readonly #kubectl: Kubectl;
  readonly #open: { close(): void | Promise<void> }[] = [];
  #upload: Promise<Reached> | undefined;
  #gateway: Promise<Reached> | undefined;
  #sql: Promise<pg.Pool> | undefined;

  constructor(kubectl: Kubectl) {
    this.#kubectl = kubectl;
  }

  config(): Promise<BundlerConfig> {
    return this.#kubectl.get('bundlerconfig', PLATFORM);
  }

  async condition(type: string): Promise<Condition | undefined> {
    return (await this.config()).status?.conditions?.find((condition) => condition.type === type);
  }

  /** Changes the spec as `kubectl edit` does. @returns the new generation */
  async edit(spec: object): Promise<number> {
    await this.#kubectl.patch('bundlerconfig', PLATFORM, { spec });
    return (await this.config()).metadata.generation ?? 0;
  }

  /** Waits until the operator says that what was asked for runs. */
  async settled(generation: number, seconds: number): Promise<void> {
    await until(`BundlerConfig ${PLATFORM} Ready at generation ${generation}`, seconds, async () => {
      const { status } = await this.config();
      const has = (type: string, value: string) =>
        status?.conditions?.some((one) => one.type === type && one.status === value);
      return status?.['observedGeneration'] === generation && has('Ready', 'True') && has('Reconciling', 'False');
    });
  }

  /** Pods of a component that are not on their way out, by name. */
  async pods(component = ''): Promise<Pod[]> {
    const labels = [`app.kubernetes.io/instance=${PLATFORM}`, 'app.kubernetes.io/managed-by=bundler-operator'];
    const selector = [...labels, ...(component ? [`app.kubernetes.io/component=${component}`] : [])].join(',');
    const pods = await this.#kubectl.list<Pod>('pods', selector);
    const running = pods.filter(({ metadata, status }) => !metadata.deletionTimestamp && status.phase === 'Running');
    return running.toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  }

  async uids(component = ''): Promise<string[]> {
    return (await this.pods(component)).map(({ metadata }) => metadata.uid).toSorted();
  }

  /** Where the upload API is. */
  async url(): Promise<string> {
    const { host, port } = await this.address();
    return `http://${host}:${port}`;
  }

  address(): Promise<Reached> {
    this.#upload ??= this.#reach(`${PLATFORM}-upload`);
    return this.#upload;
  }

  async gatewayUrl(): Promise<string> {
    this.#gateway ??= this.#reach(`${PLATFORM}-trial-gateway`);
    const { host, port } = await this.#gateway;
    return `http://${host}:${port}`;
  }

  async client(): Promise<BundlerClient> {
    return new BundlerClient({ uploadUrl: await this.url(), gatewayUrl: await this.gatewayUrl() });
  }

  /** Asks the database. */
  async sql<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    this.#sql ??= this.#openDatabase();
    return (await (await this.#sql).query<Row>(text, values)).rows;
  }

  /** Closes every connection to the platform; the next question opens new ones. */
  async disconnect(): Promise<void> {
    for (const { close } of this.#open.splice(0)) await close();
    this.#upload = undefined;
    this.#gateway = undefined;
    this.#sql = undefined;
  }

  async #reach(service: string): Promise<Reached> {
    const reached = await reach(this.#kubectl, service);
    this.#open.push(reached);
    return reached;
  }

  async #openDatabase(): Promise<pg.Pool> {
    const { data = {} } = await this.#kubectl.get<Secret>('secret', `${PLATFORM}-trial-postgres`);
    const url = new URL(Buffer.from(data['DB_WRITER_URL'] ?? '', 'base64').toString());
    const { host, port } = await this.#reach(`${PLATFORM}-trial-postgres`);
    url.host = `${host}:${port}`;
    const pool = new pg.Pool({ connectionString: url.href, application_name: 'e2e', max: 2 });
    // A connection that breaks while nobody uses it is replaced by the next question.
    pool.on('error', () => undefined);
    this.#open.push({ close: () => pool.end() });
    return pool;
  }
}
