import { randomUUID } from 'node:crypto';
import { bundlerConfigCrd } from '@bundler/operator/crd';
import {
  createDispatcher,
  EventRecorder,
  type KubeApi,
  type KubeObject,
  type ObjectRef,
  orUndefined,
  type ResourceType,
  RestApi,
  resources,
  type Stored,
} from '@bundler/operator/kube';
import { type BundlerConfigStatus, Operator } from '@bundler/operator/operator';
import { type Clock, createOperatorMetrics, type OperatorMetrics, systemClock } from '@bundler/operator/runtime';
import { createLogger } from '@bundler/runtime';
import type { KubeConnection } from '../../kube/index.ts';
import { until } from '../../src/until.ts';
import { Nodes } from './nodes.ts';
import { recording, type Write } from './recording-api.ts';

export interface BundlerConfig extends KubeObject {
  readonly spec: Record<string, unknown>;
  /** Tests look at what is there, and fail where it is not. */
  readonly status: Told<BundlerConfigStatus>;
}

type Told<T> = T extends readonly (infer Entry)[]
  ? readonly Told<Entry>[]
  : T extends object
    ? { readonly [Key in keyof T]-?: Told<NonNullable<T[Key]>> }
    : T;

/** The least that a cluster must be told. */
export const minimalSpec = {
  image: { repository: 'bundler', tag: '1.0.0' },
  database: { secretRef: { name: 'database' } },
  redis: { queue: { host: 'queue' }, cache: { host: 'cache' } },
  objectStore: { s3: { bucket: 'items' } },
  arweave: { walletSecretRef: { name: 'wallet' } },
};

/** Talks to a test's API server as whoever has the token. */
export function apiOf(connection: KubeConnection): { api: KubeApi; close: () => Promise<void> } {
  const dispatcher = createDispatcher({ ca: connection.ca });
  const api = new RestApi({
    connection: {
      server: connection.url,
      namespace: 'default',
      dispatcher,
      authenticate: () => Promise.resolve({ authorization: `Bearer ${connection.token}` }),
      close: () => dispatcher.destroy(),
    },
  });
  return { api, close: () => dispatcher.destroy() };
}

/** An operator at work, with what it wrote and said. */
export interface RunningOperator {
  readonly operator: Operator;
  readonly writes: Write[];
  readonly events: string[];
  readonly metrics: OperatorMetrics;
  stop(): Promise<void>;
}

export interface OperatorOverrides {
  readonly namespaces?: readonly string[];
  readonly image?: string;
  /** Who it is to the API server; an administrator, if nothing is said. */
  readonly connection?: KubeConnection;
  /** Stands between the operator and the API server. */
  readonly through?: (api: KubeApi) => KubeApi;
  readonly clock?: Clock;
  /** Milliseconds. */
  readonly pollInterval?: number;
}

/** A namespace of a test's own, with what a platform needs, and somebody who plays the nodes. */
export class Stage {
  readonly api: KubeApi;
  readonly namespace: string;
  readonly nodes: Nodes;
  readonly #connection: KubeConnection;
  readonly #close: (() => Promise<void>)[] = [];

  private constructor(connection: KubeConnection, namespace: string) {
    const { api, close } = apiOf(connection);
    this.#connection = connection;
    this.api = api;
    this.namespace = namespace;
    this.nodes = new Nodes(connection, api, namespace);
    this.#close.push(close, () => this.nodes.stop());
  }

  /** On a control plane that others use too, the namespace has a name of its own. */
  static async open(connection: KubeConnection, name = `test-${randomUUID().slice(0, 8)}`): Promise<Stage> {
    const stage = new Stage(connection, name);
    const { api, namespace } = stage;
    await api.apply(bundlerConfigCrd as unknown as KubeObject, { fieldManager: 'test', force: true });
    await until(() => api.serves(resources.bundlerConfigs));
    await api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await stage.secret('database', { DB_WRITER_URL: 'postgres://first' });
    await stage.secret('wallet', { 'wallet.json': '{}' });
    return stage;
  }

  async close(): Promise<void> {
    for (const close of this.#close.splice(0).toReversed()) await close();
  }

  /** Starts an operator for this namespace; `stop` ends it, at the latest when the stage closes. */
  async operate(overrides: OperatorOverrides = {}): Promise<RunningOperator> {
    const { api: direct, close } = apiOf(overrides.connection ?? this.#connection);
    const api = overrides.through?.(direct) ?? direct;
    const [writes, events]: [Write[], string[]] = [[], []];
    const metrics = createOperatorMetrics();
    const logger = createLogger('operator', process.env.TEST_LOG_LEVEL ?? 'silent');
    const random = Math.random;
    const common = { clock: overrides.clock ?? systemClock, random, logger, metrics };
    const recorder = new EventRecorder({
      ...common,
      api,
      controller: 'bundler.permaweb.dev/operator',
      instance: 'test',
    });
    const operator = new Operator({
      api: recording(api, writes),
      fence: () => undefined,
      namespaces: overrides.namespaces ?? [this.namespace],
      image: overrides.image ?? 'bundler:default',
      pollInterval: overrides.pollInterval ?? 200,
      platform: { env: {}, mounts: { live: '/etc/bundler/live' } },
      record: (regarding, announcement) => {
        const { type, reason, note } = announcement;
        events.push(`${regarding.metadata.name} ${type} ${reason} ${note}`);
        recorder.record({ regarding, ...announcement });
      },
      ...common,
    });
    let stopping: Promise<void> | undefined;
    const stop = () =>
      (stopping ??= operator
        .stop()
        .then(() => recorder.flush())
        .then(close));
    this.#close.push(stop);
    await operator.watch();
    operator.act();
    return { operator, writes, events, metrics, stop };
  }

  secret(name: string, values: Record<string, string>): Promise<unknown> {
    const metadata = { name, namespace: this.namespace };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: values };
    return this.api.apply(secret as KubeObject, { fieldManager: 'test', force: true });
  }

  ref(type: ResourceType, name: string): ObjectRef {
    return { type, namespace: this.namespace, name };
  }

  get<T extends KubeObject>(type: ResourceType, name: string): Promise<Stored<T> | undefined> {
    return orUndefined(this.api.get<T>(this.ref(type, name)));
  }

  async list(type: ResourceType, namespace = this.namespace): Promise<readonly Stored[]> {
    return (await this.api.list(type, { namespace })).items;
  }

  /** Creates a BundlerConfig, or changes its spec, as `kubectl apply` would. */
  configure(name: string, spec: object = {}, annotations: Record<string, string> = {}): Promise<Stored<BundlerConfig>> {
    const metadata = { name, namespace: this.namespace, annotations };
    const config = { apiVersion: 'bundler.permaweb.dev/v1alpha1', kind: 'BundlerConfig', metadata };
    const wanted = { ...config, spec: { ...minimalSpec, ...spec } };
    const options = { fieldManager: 'kubectl', force: true };
    return this.api.apply<KubeObject>(wanted, options) as Promise<Stored<BundlerConfig>>;
  }

  async config(name: string): Promise<Stored<BundlerConfig>> {
    return this.api.get<BundlerConfig>(this.ref(resources.bundlerConfigs, name));
  }

  /** Waits as `kubectl wait --for=condition=<type>=<status>` does: for a condition about the spec as it stands. */
  async condition(name: string, type: string, status = 'True', timeoutMs = 20_000): Promise<string> {
    let found: { reason: string; message: string } | undefined;
    const holds = async (): Promise<boolean> => {
      const { metadata, status: told } = await this.config(name);
      const conditions = told?.conditions ?? [];
      const current = conditions.find((condition) => condition.type === type);
      found = current;
      return current?.status === status && current.observedGeneration === metadata.generation;
    };
    await until(holds, timeoutMs).catch((error: unknown) => {
      throw new Error(`${type} never was ${status}; it says ${JSON.stringify(found)}`, { cause: error });
    });
    return `${found?.reason}: ${found?.message}`;
  }
}
