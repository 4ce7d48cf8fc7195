import { defaultSpec, readSpec, type SpecConfig } from '@bundler/contract';
import { type Capacity, capacityOf, words } from '../capacity/capacity.ts';
import { figures } from '../capacity/figures.ts';
import { DEFAULT_MIX, type Load, parseMix } from '../capacity/load.ts';
import { type Arguments, type Command, type Context, printJson, UsageError } from '../command.ts';
import { connectionHead, PAYMENT_CONNECTIONS } from '../plan-text.ts';
import { readConfig } from '../platform.ts';
import { type Paint, painter, table } from '../text.ts';

export const capacity: Command = {
  usage: '[NAME] --uploads-per-second N',
  summary: 'pods, connections, Redis and object store that a load needs, and what gives way first',
  details: `      --uploads-per-second N       the load
      --mix SIZE=SHARE,...         sizes of items and their shares; default: ${DEFAULT_MIX}
      --round-trip-ms N            to PostgreSQL and the object store; default: 1
      --gateway-round-trip-ms N    to the Arweave gateway; default: 200
      --cores-per-pod N            CPU that a pod can use; default: 1
      --check                      exit code 1 when the platform NAME does not bear the load

With NAME the spec in the cluster, without it the defaults; then no cluster is asked. From figures of ${figures.source} of ${figures.date}
(${figures.machine}): an estimate, to be followed by a load test.`,
  options: {
    'uploads-per-second': { type: 'string' },
    mix: { type: 'string', default: DEFAULT_MIX },
    'round-trip-ms': { type: 'string', default: '1' },
    'gateway-round-trip-ms': { type: 'string', default: '200' },
    'cores-per-pod': { type: 'string', default: '1' },
    check: { type: 'boolean' },
  },
  outputs: ['text', 'json'],
  alone: ({ positionals }) => positionals.length === 0,
  run,
};

async function run(context: Context, { positionals: [name], values }: Arguments) {
  const load = loadOf(values);
  if (values.check === true && name === undefined) throw new UsageError('--check needs the name of a BundlerConfig');
  const spec = name === undefined ? defaultSpec() : (await readConfig(context, name)).spec;
  const found = capacityOf(load, readSpec(spec, 'cluster').config as SpecConfig);
  const { terminal, output } = context;
  if (output === 'json') printJson(context, { load, ...found });
  else terminal.out(`${capacityLines(found, name, painter(terminal.colours)).join('\n')}\n`);
  return values.check === true && found.problems.length > 0 ? 1 : 0;
}

/** @throws UsageError when an option is no positive number */
function loadOf(values: Arguments['values']): Load {
  const positive = (option: string): number => {
    const value = Number(values[option]);
    if (value > 0 && Number.isFinite(value)) return value;
    throw new UsageError(`--${option} is a number above 0, but got "${values[option] ?? 'nothing'}"`);
  };
  return {
    uploadsPerSecond: positive('uploads-per-second'),
    mix: parseMix(String(values.mix)),
    roundTripMs: positive('round-trip-ms'),
    gatewayRoundTripMs: positive('gateway-round-trip-ms'),
    coresPerPod: positive('cores-per-pod'),
  };
}

/** What people read of it. */
export function capacityLines(found: Capacity, name: string | undefined, paint: Paint): string[] {
  const { lines, connections, paymentConnections, redis, objectStore, bottleneck, problems } = found;
  const rows = lines.map(({ component, needed, most, because, use }) => [
    component,
    `${needed} of ${most} pods`,
    use === 0 ? '-' : `${Math.ceil(use * 100)}%`,
    use === 0 ? '' : `for ${words[because]}`,
  ]);
  const who = name ?? 'a platform with the defaults';
  return [
    'pods needed, of the most that the spec allows; load, of what the most can bear',
    ...table(rows, '  '),
    connectionHead('connections', undefined, connections, paint),
    ...(paymentConnections ? [connectionHead(PAYMENT_CONNECTIONS, undefined, paymentConnections, paint)] : []),
    `Redis: cache ${size(redis.cache)} (more is evicted), queue ${size(redis.queue)} when the workers are away for an hour`,
    `object store: ${size(objectStore.bytesPerDay)} a day, ${size(objectStore.keptBytes)} kept`,
    `gives way first: ${bottleneck}`,
    ...(problems.length === 0
      ? [paint('good', `${who} bears it`)]
      : [paint('bad', `${who} does not bear it`), ...problems.map((problem) => `  ${problem}`)]),
  ];
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

function size(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${UNITS[power]}`;
}
