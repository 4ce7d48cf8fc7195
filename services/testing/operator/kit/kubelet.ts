import type { KubeApi, KubeObject, Stored } from '@bundler/operator/kube';
import { resources } from '@bundler/operator/kube';
import { ask, type KubeConnection } from '../../kube/index.ts';

interface Pod extends KubeObject {
  readonly spec: { readonly containers: readonly [{ readonly name: string; readonly image: string }] };
  readonly status?: { readonly phase?: string };
}

/** What a kubelet would say of the pods that the controllers of a real control plane make: there are no nodes. */
export class Kubelet {
  readonly #connection: KubeConnection;
  readonly #api: KubeApi;
  readonly #namespace: string;
  /** Images whose containers die as soon as they start. */
  readonly broken = new Set<string>();
  #stopped = false;
  #loop: Promise<void> | undefined;

  constructor(connection: KubeConnection, api: KubeApi, namespace: string) {
    this.#connection = connection;
    this.#api = api;
    this.#namespace = namespace;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const { items } = await this.#api.list<Pod>(resources.pods, { namespace: this.#namespace });
      for (const pod of items.filter(({ status }) => status?.phase === 'Pending')) await this.#say(pod);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #say(pod: Stored<Pod>): Promise<void> {
    const { name, labels } = pod.metadata;
    const [container] = pod.spec.containers;
    const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
    const isJob = labels?.['app.kubernetes.io/component'] === 'migrations';
    const status = isJob
      ? { phase: 'Succeeded' }
      : this.broken.has(container.image)
        ? { phase: 'Running', ...crashing(container, now) }
        : { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: now }] };
    await ask(this.#connection, {
      method: 'PATCH',
      path: `/api/v1/namespaces/${this.#namespace}/pods/${name}/status`,
      body: { status },
      contentType: 'application/merge-patch+json',
    });
  }
}

const crashing = ({ name, image }: { name: string; image: string }, now: string) => ({
  conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: now }],
  containerStatuses: [
    {
      name,
      image,
      imageID: image,
      ready: false,
      restartCount: 3,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off restarting failed container' } },
      lastState: { terminated: { exitCode: 1, reason: 'Error', startedAt: now, finishedAt: now } },
    },
  ],
});
