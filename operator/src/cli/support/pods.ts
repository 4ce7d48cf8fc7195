import { metrics, operatorMetrics } from '@bundler/contract';
import { resources } from '../../kube/index.ts';
import { objectPath } from '../../kube/resources.ts';
import { ADMIN_PORT } from '../../render/names.ts';
import type { Context } from '../command.ts';
import type { Pod } from '../pod-trouble.ts';
import { settingsFacts } from './facts.ts';

/** Of one log, or of the metrics of one pod. The API server cuts a log itself. */
const MAX_BYTES = 512 * 1024;

interface PodSpec {
  readonly containers?: readonly {
    readonly name: string;
    readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  }[];
}

type Asking = Pick<Context, 'transport'>;

const specOf = (pod: Pod): PodSpec => (pod as { spec?: PodSpec }).spec ?? {};

const pathOf = ({ metadata }: Pod, name: string, subresource: string): string =>
  objectPath({ type: resources.pods, namespace: metadata.namespace, name }, subresource);

/** A container whose log there is; `previous` is that of the one before it died. */
interface LogOf {
  readonly pod: Pod;
  readonly container: string;
  readonly previous: boolean;
}

/** The logs that there are of a pod. */
export function logsOf(pod: Pod): LogOf[] {
  const ended = new Set(
    (pod.status?.containerStatuses ?? []).filter(({ lastState }) => lastState?.terminated).map(({ name }) => name),
  );
  return (specOf(pod).containers ?? []).flatMap(({ name }) => [
    { pod, container: name, previous: false },
    ...(ended.has(name) ? [{ pod, container: name, previous: true }] : []),
  ]);
}

/** The latest lines of a log. */
export async function readLog(
  { transport }: Asking,
  { pod, container, previous }: LogOf,
  tailLines: number,
): Promise<string> {
  const query = { container, previous, tailLines, limitBytes: MAX_BYTES, timestamps: true };
  return transport.text({ method: 'GET', path: pathOf(pod, pod.metadata.name, 'log'), query });
}

/** The settings in force, as the process itself reports them. */
export async function readSettings({ transport }: Asking, pod: Pod): Promise<object> {
  return settingsFacts(await transport.json({ method: 'GET', path: adminPath(pod, 'settings') }));
}

const declared = [...Object.values(metrics), ...Object.values(operatorMetrics)].map(({ name }) => name);

/** What alerts go by: the declared metrics, without the buckets of histograms. */
export async function readMetrics({ transport }: Asking, pod: Pod): Promise<string> {
  return knownMetrics(await transport.text({ method: 'GET', path: adminPath(pod, 'bundler_metrics') }));
}

/** The lines of an exposition that are about declared metrics. */
export function knownMetrics(exposition: string): string {
  const known = new Set(declared.flatMap((name) => [name, `${name}_sum`, `${name}_count`]));
  const lines = exposition.split('\n').filter((line) => known.has(/^[a-zA-Z_:][\w:]*/.exec(line)?.[0] ?? ''));
  return `${lines.join('\n')}\n`.slice(0, MAX_BYTES);
}

/** Whether a pod has a port for probes and scrapes. */
export const hasAdminPort = (pod: Pod): boolean => adminPortOf(pod) !== undefined;

function adminPortOf(pod: Pod): number | undefined {
  const ports = (specOf(pod).containers ?? []).flatMap(({ ports = [] }) => ports);
  return ports.find(({ name }) => name === ADMIN_PORT)?.containerPort;
}

const adminPath = (pod: Pod, route: string): string =>
  `${pathOf(pod, `${pod.metadata.name}:${adminPortOf(pod)}`, 'proxy')}/${route}`;
