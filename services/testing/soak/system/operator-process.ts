import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@bundler/standalone/embedded';
import { sampleSum } from '../../bench/system/scrape.ts';
import { type KubeConnection, kubeconfig } from '../../kube/connection.ts';
import { type ServiceProcess, startService } from '../../src/service-process.ts';

/** What the operator says of itself at one moment. */
export interface OperatorSample {
  readonly at: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly cachedObjects: number;
  readonly reconciles: number;
  readonly failedReconciles: number;
}

export interface OperatorProcess {
  readonly service: ServiceProcess;
  sample(): Promise<OperatorSample>;
}

export interface OperatorProcessOptions {
  readonly account: KubeConnection;
  readonly namespace: string;
  /** For its kubeconfig and its log. */
  readonly directory: string;
}

/**
 * What the image gives V8 for its heap: half of the chart's limit of 480 MiB. Without it V8 would take what this machine
 * has, and collect when it pleases.
 */
const NODE_OPTIONS = '--max-old-space-size=240';

/** Starts the operator as its image does, with the rights that the chart gives it and no settings but where it is. */
export async function startOperator(options: OperatorProcessOptions): Promise<OperatorProcess> {
  const { account, directory, namespace } = options;
  const file = join(directory, 'operator-kubeconfig');
  await writeFile(file, kubeconfig(account), { mode: 0o600 });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    NODE_OPTIONS,
    KUBECONFIG: file,
    WATCH_NAMESPACES: namespace,
    POD_NAMESPACE: namespace,
    POD_NAME: 'soak',
    BIND_ADDRESS: '127.0.0.1',
    METRICS_PORT: String(port),
    LOG_LEVEL: 'warn',
  };
  const log = createWriteStream(join(directory, 'operator.log'), { flags: 'a' });
  const entryPoint = 'operator/src/main.ts';
  const service = await startService({ entryPoint, env, adminUrl: url, readyPath: '/readyz', log });
  return { service, sample: () => sampleOf(url) };
}

async function sampleOf(url: string): Promise<OperatorSample> {
  const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(30_000) })).text();
  const count = (...labels: string[]): number =>
    sampleSum(text, 'bundler_operator_reconcile_duration_seconds_count', 'queue="reconcile"', ...labels);
  return {
    at: performance.now(),
    heapBytes: sampleSum(text, 'nodejs_heap_size_used_bytes'),
    residentBytes: sampleSum(text, 'process_resident_memory_bytes'),
    cachedObjects: sampleSum(text, 'bundler_operator_cached_objects'),
    reconciles: count(),
    failedReconciles: count('result="error"'),
  };
}
