import { alertGroups } from '../alerts/index.ts';

/** A matcher of Alertmanager: `severity="critical"`. */
const is = (label: string, value: string): string => `${label}="${value}"`;
const isOneOf = (label: string, values: readonly string[]): string => `${label}=~"${values.join('|')}"`;
const ours = 'alertname=~"Bundler.+"';

/** What has PostgreSQL as its cause when PostgreSQL is down, and so need not be told too. */
const consequences = (['upload', 'database', 'queues', 'budgets'] as const).flatMap((group) =>
  alertGroups[group].map(({ name }) => name),
);

/** Who is told by what: the addresses are examples. */
const receivers = [
  { name: 'nobody' },
  {
    name: 'bundler-watchdog',
    webhook_configs: [{ url: 'http://dead-mans-switch.example/ping', send_resolved: false }],
  },
  { name: 'bundler-page', webhook_configs: [{ url: 'http://pager.example/alerts', send_resolved: true }] },
  { name: 'bundler-ticket', webhook_configs: [{ url: 'http://tickets.example/alerts', send_resolved: true }] },
];

/** An example of how alerts find people, as Alertmanager reads it. */
export const alertmanagerExample = {
  route: {
    receiver: 'nobody',
    group_by: ['alertname', 'namespace', 'config'],
    group_wait: '30s',
    group_interval: '5m',
    repeat_interval: '4h',
    routes: [
      // The heartbeat goes out all the time: who gets it is alarmed when it stops.
      {
        matchers: [is('alertname', 'BundlerWatchdog')],
        receiver: 'bundler-watchdog',
        group_wait: '0s',
        group_interval: '1m',
        // Less than the interval: what was sent a moment less than that ago would wait for the next round, every second time.
        repeat_interval: '50s',
      },
      { matchers: [ours, is('severity', 'critical')], receiver: 'bundler-page', group_wait: '10s' },
      { matchers: [ours, is('severity', 'warning')], receiver: 'bundler-ticket' },
    ],
  },
  inhibit_rules: [
    {
      source_matchers: [ours, is('severity', 'critical')],
      target_matchers: [ours, is('severity', 'warning')],
      equal: ['alertname', 'namespace', 'config', 'slo'],
    },
    {
      source_matchers: [is('alertname', 'BundlerPostgresDown')],
      target_matchers: [isOneOf('alertname', consequences)],
      equal: ['namespace', 'config'],
    },
    {
      source_matchers: [is('alertname', 'BundlerQueueBacklog')],
      target_matchers: [is('alertname', 'BundlerQueueAboveTarget')],
      equal: ['namespace', 'config', 'queue'],
    },
  ],
  receivers,
};
