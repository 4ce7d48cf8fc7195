import { reportedBy } from './define.ts';

const all = reportedBy('upload', 'workers', 'payment', 'operator');
const services = reportedBy('upload', 'workers', 'payment');

/** What every process says of itself. */
export const buildMetrics = {
  buildInfo: all.gauge('bundler_build_info', '1, with what this process was built from as labels.', {
    component: ['upload', 'workers', 'payment', 'operator'],
    version: 'one a process: that of its package',
    commit: 'one a process: that of its image, `unknown` for a checkout',
    node: 'one a process: the version of Node.js',
  }),
};

/** What every process says of the settings that may change while it runs. */
export const settingsMetrics = {
  liveSettingsGeneration: services.gauge(
    'live_settings_generation',
    'Generation of the BundlerConfig whose live settings this process obeys; 0 when its environment alone rules.',
  ),
  liveSettingsErrors: services.counter('live_settings_errors_total', 'Files of live settings that could not be used.'),
};
