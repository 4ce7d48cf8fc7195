import type { KubeApi, KubeObject, Stored } from '@bundler/operator/kube';
import { resources } from '@bundler/operator/kube';
import { ask, type KubeConnection } from '../../kube/index.ts';

export interface LiveJob extends KubeObject {
  readonly status?: { readonly conditions?: readonly unknown[] };
}

export interface LiveDeployment extends KubeObject {
  readonly spec: { readonly replicas: number };
  readonly status?: { readonly observedGeneration?: number; readonly availableReplicas?: number };
}

/** What the controllers and kubelets of a cluster would say of Deployments and Jobs, said by hand. */
export class Nodes {
  readonly #connection: KubeConnection;
  readonly #api: KubeApi;
  readonly #namespace: string;
  /** Deployments that nothing good is said of. */
  readonly broken = new Set<string>();
  /** Whether the pods of Jobs can start; those that wait for an image cannot. */
  jobsStart = true;
  #stopped = false;
  #loop: Promise<void> | undefined;

  constructor(connection: KubeConnection, api: KubeApi, namespace: string) {
    this.#connection = connection;
    this.#api = api;
    this.#namespace = namespace;
  }

  /** Whatever comes up is well from now on, except what is broken. */
  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#deployments().catch(ignoreRaces);
      await this.#jobs().catch(ignoreRaces);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async #deployments(): Promise<void> {
    const { items } = await this.#api.list<LiveDeployment>(resources.deployments, { namespace: this.#namespace });
    for (const live of items) await this.bringUp(live);
  }

  /** Says that a Deployment is well, unless that is said already or nothing good is to be said of it. */
  async bringUp(live: Stored<LiveDeployment>): Promise<void> {
    const { generation = 0, name } = live.metadata;
    const { replicas } = live.spec;
    const upToDate = live.status?.observedGeneration === generation && live.status.availableReplicas === replicas;
    if (!upToDate && !this.broken.has(name)) await this.#say(live, healthy(generation, replicas));
  }

  /** The Deployment controller gives up on a Deployment. */
  async fail(name: string): Promise<void> {
    const live = await this.#api.get<LiveDeployment>({ type: resources.deployments, namespace: this.#namespace, name });
    const { generation = 0 } = live.metadata;
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    await this.#say(live, {
      observedGeneration: generation,
      replicas: live.spec.replicas + 1,
      updatedReplicas: 1,
      conditions: [
        {
          type: 'Progressing',
          status: 'False',
          reason: 'ProgressDeadlineExceeded',
          message: `ReplicaSet "${name}-x" has timed out progressing.`,
          lastUpdateTime: now,
          lastTransitionTime: now,
        },
      ],
    });
  }

  async #jobs(): Promise<void> {
    const { items } = await this.#api.list<LiveJob>(resources.jobs, { namespace: this.#namespace });
    for (const live of this.jobsStart ? items : []) await this.complete(live);
  }

  /** Says that a Job has ended well, unless something is said of it already. */
  async complete(live: Stored<LiveJob>): Promise<void> {
    if (live.status?.conditions?.length) return;
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const times = { lastProbeTime: now, lastTransitionTime: now };
    await this.#say(live, {
      startTime: now,
      completionTime: now,
      succeeded: 1,
      conditions: ['SuccessCriteriaMet', 'Complete'].map((type) => ({ type, status: 'True', ...times })),
    });
  }

  /** As a controller writes it: by an update. An apply would have the operator's own change where it stands in managedFields. */
  async #say(live: Stored, status: object): Promise<void> {
    const { name } = live.metadata;
    const plural = live.kind === 'Job' ? 'batch/v1/namespaces/NS/jobs' : 'apps/v1/namespaces/NS/deployments';
    await ask(this.#connection, {
      method: 'PATCH',
      path: `/apis/${plural.replace('NS', this.#namespace)}/${name}/status?fieldManager=kube-controller-manager`,
      body: { status },
      contentType: 'application/merge-patch+json',
    });
  }
}

const healthy = (observedGeneration: number, replicas: number) => ({
  observedGeneration,
  replicas,
  updatedReplicas: replicas,
  readyReplicas: replicas,
  availableReplicas: replicas,
  conditions: [],
});

/** For what is said of objects that come and go meanwhile. */
export function ignoreRaces(error: unknown): void {
  if (![404, 409].includes((error as { code?: number }).code ?? 0)) throw error;
}
