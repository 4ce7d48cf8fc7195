import type { AdminSnapshot } from '@bundler/contract';
import { readSpec } from '@bundler/contract';
import type { StoredConfig } from '../../controllers/bundler-config.ts';
import type { AdminApi } from '../admin-api.ts';
import type { Context } from '../command.ts';
import type { Pod } from '../pod-trouble.ts';
import type { BundleFile } from './archive.ts';
import {
  actualWorkloads,
  autoscalers,
  events,
  platformPods,
  podsFacts,
  podsOf,
  renderedWorkloads,
  revisions,
} from './cluster.ts';
import { specFacts, statusFacts } from './facts.ts';
import { hasAdminPort, logsOf, readLog, readMetrics, readSettings } from './pods.ts';
import { scrub } from './scrub.ts';

interface CollectOptions {
  readonly config: StoredConfig;
  /** Where the operator runs. */
  readonly operatorNamespace: string;
  /** Lines of each log. */
  readonly logLines: number;
  /** Of the plugin. */
  readonly version: string;
  /** Opens the admin service; rejects with the reason where it cannot. */
  readonly openAdmin: () => Promise<AdminApi>;
  /** What `doctor` finds, as JSON. */
  readonly doctor: () => Promise<string>;
  /** Values that are secret for certain. */
  readonly secrets: () => readonly string[];
}

/** The operator's pods, by the label that its chart gives them. */
const OPERATOR = 'app.kubernetes.io/name=bundler-operator';
/** A platform may have hundreds of pods: the first of them, by name, have their logs, settings and metrics taken. */
const MAX_PODS = 60;
const MAX_TOTAL = 64 * 1024 * 1024;

/** Takes what somebody needs who helps from afar. What cannot be had is named in `problems.txt`, and the rest is taken. */
export class Collector {
  readonly #context: Context;
  readonly #options: CollectOptions;
  readonly #files: BundleFile[] = [];
  readonly #problems: string[] = [];
  #total = 0;

  constructor(context: Context, options: CollectOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Everything, without secrets. */
  async collect(): Promise<readonly BundleFile[]> {
    const { config, operatorNamespace } = this.#options;
    const { name } = config.metadata;
    const context = this.#context;
    const atOperator = { ...context, namespace: operatorNamespace };
    await this.#json('versions.json', () => this.#versions());
    await this.#json('bundlerconfig.json', async () => configFacts(config));
    await this.#json('revisions.json', () => revisions(context, config));
    await this.#json('workloads-rendered.json', () => renderedWorkloads(context, config));
    await this.#json('workloads-actual.json', () => actualWorkloads(context, name));
    await this.#json('autoscalers.json', () => autoscalers(context, name));
    await this.#json('events.json', () => events(context, name));
    await this.#json('queues.json', async () => (await this.#options.openAdmin()).get<AdminSnapshot>('/snapshot'));
    await this.#text('doctor.json', this.#options.doctor);
    await this.#pods('pods', () => platformPods(context, name));
    await this.#pods('operator', () => podsOf(atOperator, OPERATOR));
    this.#add('problems.txt', this.#problems.map((line) => `${line}\n`).join('') || 'none\n');
    return this.#files;
  }

  async #versions(): Promise<object> {
    const { gitVersion, platform } = (await this.#context.transport.json({
      method: 'GET',
      path: '/version',
    })) as Record<string, string>;
    return {
      plugin: this.#options.version,
      node: process.version,
      kubernetes: gitVersion,
      platform,
      takenAt: this.#context.clock.date().toISOString(),
    };
  }

  /** States of pods, then what each tells: log, settings, metrics. */
  async #pods(folder: string, list: () => Promise<readonly Pod[]>): Promise<void> {
    const pods = (await this.#attempt(folder, list)) ?? [];
    this.#add(`${folder}.json`, pretty(podsFacts(pods)));
    if (pods.length > MAX_PODS) this.#problems.push(`${folder}: logs of the first ${MAX_PODS} of ${pods.length} only`);
    for (const pod of pods.slice(0, MAX_PODS)) {
      const at = `${folder}/${pod.metadata.name}`;
      for (const log of logsOf(pod)) {
        const name = `${at}/${log.container}${log.previous ? '.previous' : ''}.log`;
        await this.#text(name, () => readLog(this.#context, log, this.#options.logLines));
      }
      if (!hasAdminPort(pod) || folder === 'operator') continue;
      await this.#json(`${at}/settings.json`, () => readSettings(this.#context, pod));
      await this.#text(`${at}/metrics.txt`, () => readMetrics(this.#context, pod));
    }
  }

  async #json(name: string, take: () => Promise<unknown>): Promise<void> {
    const taken = await this.#attempt(name, take);
    if (taken !== undefined) this.#add(name, pretty(taken));
  }

  async #text(name: string, take: () => Promise<string>): Promise<void> {
    const taken = await this.#attempt(name, take);
    if (taken !== undefined) this.#add(name, taken);
  }

  async #attempt<Taken>(name: string, take: () => Promise<Taken>): Promise<Taken | undefined> {
    try {
      return await take();
    } catch (error) {
      this.#problems.push(`${name}: ${(error as Error).message}`);
      return undefined;
    }
  }

  #add(name: string, text: string): void {
    this.#total += text.length;
    if (this.#total > MAX_TOTAL && name !== 'problems.txt') {
      this.#problems.push(`${name}: left out, there is too much already`);
      return;
    }
    this.#files.push({ name, text: scrub(text, this.#options.secrets()) });
  }
}

function configFacts({ metadata, spec, status }: StoredConfig): object {
  const { name, namespace, uid, generation, creationTimestamp } = metadata;
  const { config, violations } = readSpec(spec, 'cluster');
  return {
    metadata: { name, namespace, uid, generation, creationTimestamp },
    spec: specFacts(config),
    violations: violations.map(({ setting, message }) => `${setting} ${message}`),
    status: statusFacts(status),
  };
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
