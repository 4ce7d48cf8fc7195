import { settings } from '@bundler/contract';
import { alerts } from '@bundler/dashboards';
import { pages } from './pages.ts';

const { text } = pages().find(({ path }) => path === 'docs/scale-plan-map.md')!;
const tasks = text
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => /^[1-3]\.[1-5]$/.test(cells[1] ?? ''));
const namesIn = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

/** What the scale plan asks to be tunable, by its names: those of the tasks that change a configuration. */
const PLAN_SETTINGS = [
  ...['POOL_MIN', 'POOL_MAX', 'ACQUIRE_TIMEOUT', 'IDLE_TIMEOUT', 'REAP_INTERVAL'].map((what) => `DB_${what}`),
  'IN_FLIGHT_DATA_ITEM_TTL_SECS',
  ...['UPLOAD', 'PAYMENT'].flatMap((service) =>
    ['REQUEST', 'KEEPALIVE', 'HEADERS'].map((what) => `${service}_${what}_TIMEOUT_MS`),
  ),
  'MAX_CACHE_DATA_ITEM_SIZE',
  ...['PLAN', 'PREPARE', 'POST', 'VERIFY', 'NEW_DATA_ITEM'].map((queue) => `${queue}_WORKER_CONCURRENCY`),
  'API_INSTANCES',
  'WORKER_INSTANCES',
  ...['TIMEOUT', 'ERROR_THRESHOLD', 'RESET_TIMEOUT', 'ROLLING_WINDOW'].map((what) => `PAYMENT_SERVICE_${what}`),
  ...['ENABLED', 'MAX_REQUESTS', 'WINDOW_MS', 'BLOCKED_IPS', 'AUTHENTICATED_MAX'].map((what) => `RATE_LIMIT_${what}`),
];

describe('the map of the scale plan', () => {
  it('has every task once', () => {
    expect(tasks.map(([, task]) => task)).toEqual('1.1 1.2 1.3 1.4 1.5 2.1 2.2 2.3 2.4 3.1 3.2'.split(' '));
  });

  it.each(tasks.map((cells) => [cells[1], cells]))(
    'gives task %s settings, tests and alerts that exist',
    (_, cells) => {
      const [, , need, named, tests, watching] = cells as string[];
      expect(need).not.toBe('');
      const known = new Set(Object.values(settings).map(({ env }) => env));
      expect(namesIn(named).filter((name) => !known.has(name))).toEqual([]);
      expect(namesIn(named)).not.toEqual([]);
      // That the files are there is checked for all pages.
      expect(namesIn(tests).filter((path) => !/\.(test|int\.test)\.ts$|^k6\/suites\//.test(path))).toEqual([]);
      expect(namesIn(tests).some((path) => path.endsWith('test.ts'))).toBe(true);
      const declared = new Set<string>(alerts.map(({ name }) => name));
      expect(namesIn(watching).filter((name) => !declared.has(name))).toEqual([]);
      expect(namesIn(watching)).not.toEqual([]);
    },
  );

  it('has every setting and every alert that the plan names', () => {
    const all = new Set(tasks.flatMap(namesInCells));
    expect(PLAN_SETTINGS.filter((name) => !all.has(name))).toEqual([]);
    expect(alerts.filter(({ inPlan, name }) => inPlan && !all.has(name)).map(({ name }) => name)).toEqual([]);
  });
});

const namesInCells = (cells: readonly string[]): string[] => cells.flatMap(namesIn);
