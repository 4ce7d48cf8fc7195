import { setting } from './define.ts';
import { boolean, duration, integer, text } from './kinds.ts';

const roles = ['upload', 'workers', 'payment', 'admin'] as const;

export const processSettings = {
  logLevel: setting({
    env: 'LOG_LEVEL',
    path: 'observability.logLevel',
    kind: text({ values: ['trace', 'debug', 'info', 'warn', 'error'] }),
    default: 'info',
    doc: 'Least level that is logged.',
    roles,
    applies: 'live',
  }),
  metricsLegacyNames: setting({
    env: 'METRICS_LEGACY_NAMES',
    path: 'observability.metrics.legacyNames',
    kind: boolean(),
    default: false,
    doc: 'Serves metrics under the names of earlier bundlers too, for dashboards that were made for those. The reference of metrics lists them.',
    roles: ['upload', 'workers'],
  }),
  liveSettingsFile: setting({
    env: 'LIVE_SETTINGS_FILE',
    path: null,
    kind: text(),
    default: '',
    doc: 'File from which running processes take the live settings, over their environment; empty means that the environment alone rules. The platform writes it from the BundlerConfig.',
    roles,
  }),
  bindAddress: setting({
    env: 'BIND_ADDRESS',
    path: null,
    kind: text(),
    default: '0.0.0.0',
    doc: 'Address that servers listen on.',
    roles,
  }),
  adminPort: setting({
    env: 'ADMIN_PORT',
    path: null,
    kind: integer({ min: 1, max: 65_535 }),
    default: 9301,
    doc: 'Port of each process for /health, /ready and /bundler_metrics, for probes and scrapes; never exposed to clients.',
    roles,
  }),
  threadPoolSize: setting({
    env: 'UV_THREADPOOL_SIZE',
    path: 'process.threadPoolSize',
    kind: integer({ min: 4, max: 1024 }),
    default: 8,
    doc: 'Threads of each process for signatures and file writes. Signatures take up to three for each core and leave two, so that file syncs do not wait behind them. Keep it at least four above the cores.',
    roles,
  }),
  shutdownAnnounce: setting({
    env: 'SHUTDOWN_ANNOUNCE_MS',
    path: 'shutdown.announce',
    kind: duration('ms', { min: 0, max: 600_000 }),
    default: 5000,
    doc: 'On SIGTERM, how long an API goes on accepting connections while it says that it is not ready, so that load balancers notice first.',
    roles: ['upload', 'payment'],
  }),
  shutdownDrain: setting({
    env: 'SHUTDOWN_DRAIN_MS',
    path: 'shutdown.drain',
    kind: duration('ms', { min: 0, max: 3_600_000 }),
    default: 30_000,
    doc: 'On SIGTERM, how long requests and jobs in progress may take to finish.',
    roles,
  }),
};
