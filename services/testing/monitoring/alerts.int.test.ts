import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  alertingGroup,
  alertingGroups,
  alerts,
  boardNames,
  boards,
  panelsOf,
  recordingGroups,
  testFile,
} from '@bundler/dashboards';
import { describeUnless } from '../src/left-out.ts';
import { findAlertmanager, findPrometheus } from '../src/tools/prometheus.ts';
import { Promtool } from './kit/promtool.ts';

const run = promisify(execFile);
const tools = await findPrometheus(process.env);
const manager = await findAlertmanager(process.env);

describeUnless(tools.missing, 'Prometheus', () => {
  const promtool = new Promtool(tools.paths?.promtool ?? '');

  it('takes all rules, and finds nothing odd about them', async () => {
    const groups = [...recordingGroups, ...Object.values(alertingGroups)];
    expect(await promtool.check({ groups })).toMatchObject({ passed: true });
  });

  it('takes every query of every board', async () => {
    const queries = boardNames.flatMap((name) => panelsOf(boards[name]).flatMap((panel) => panel.queries));
    const rules = queries.map(({ expr }, index) => ({
      record: `board:query:${index}`,
      expr: expr.text.replaceAll('$__rate_interval', '5m'),
    }));
    expect(await promtool.check({ groups: [{ name: 'boards', rules }] })).toMatchObject({ passed: true });
  });

  it.each(alerts.map((alert) => [alert.name, alert] as const))(
    'fires %s above its thresholds, not before its time and not just below them, and says what it should',
    async (name, alert) => {
      const rules = { groups: [alertingGroup(name, [alert])] };
      expect(await promtool.test(rules, testFile([alert], ['rules.yaml']))).toMatchObject({ passed: true });
    },
    120_000,
  );

  it('has an alert of each name once', () => {
    const names = alerts.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });
});

describeUnless(manager.missing, 'Alertmanager', () => {
  const file = join(import.meta.dirname, '../../../dashboards/prometheus/alertmanager.yaml');
  const amtool = async (...args: string[]) => {
    return (await run(manager.paths?.amtool ?? '', [...args, file], { timeout: 30_000 })).stdout;
  };
  const receiverOf = async (...labels: string[]) => {
    const args = ['config', 'routes', 'test', `--config.file=${file}`, ...labels];
    return (await run(manager.paths?.amtool ?? '', args, { timeout: 30_000 })).stdout.trim();
  };

  it('takes the example', async () => {
    expect(await amtool('check-config')).toContain('SUCCESS');
  });

  it.each([
    ['critical', 'bundler-page'],
    ['warning', 'bundler-ticket'],
    ['info', 'nobody'],
  ])('sends what is %s to %s', async (severity, receiver) => {
    expect(await receiverOf('alertname=BundlerQueueBacklog', `severity=${severity}`)).toBe(receiver);
  });

  it('sends the heartbeat where its absence is noticed, and leaves the alerts of others alone', async () => {
    expect(await receiverOf('alertname=BundlerWatchdog', 'severity=none')).toBe('bundler-watchdog');
    expect(await receiverOf('alertname=NodeDown', 'severity=critical')).toBe('nobody');
  });
});
