import { reportedBy } from './define.ts';

const all = reportedBy('upload', 'workers', 'payment', 'admin', 'operator');
const services = reportedBy('upload', 'workers', 'payment', 'admin');
/** Multipart uploads are accepted by workers. */
const accepting = reportedBy('upload', 'workers');

/** What every process says of itself. */
export const buildMetrics = {
  buildInfo: all.gauge('bundler_build_info', '1, with what this process was built from as labels.', {
    component: ['upload', 'workers', 'payment', 'admin', 'operator'],
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
  blocklistEntries: accepting.gauge('blocklist_entries', 'Addresses in the file of blocked signers.'),
  blocklistErrors: accepting.counter(
    'blocklist_errors_total',
    'Files of blocked signers that could not be used; the last good one stays.',
  ),
  liveSettingsErrors: services.counter('live_settings_errors_total', 'Files of live settings that could not be used.'),
};
