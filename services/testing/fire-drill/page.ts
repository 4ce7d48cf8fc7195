import { markdownTable } from '../bench/report/format.ts';
import { type DrillResults, SCRAPE_SECONDS } from './drill.ts';
import type { FaultResult } from './measure.ts';

/** The results of a drill as a page. */
export function drillPage(results: DrillResults): string {
  const { heartbeats, longestSilence, machines } = results;
  const parts = [
    '# Fire drill',
    `Written by \`make fire-drill MARKDOWN=docs/fire-drill.md\` ${runs(results)}. Faults are caused for real, and their alerts arrive at a webhook through Alertmanager: with the rules that are shipped, their windows and their \`for\`, and with the shipped [configuration of Alertmanager](../dashboards/prometheus/alertmanager.yaml), in which nothing but the addresses of its receivers is replaced.`,
    `- ${machines.join(', then ')}; all platforms share it, with whatever else it did: load average of ${results.loadAverage.toFixed(0)}\n- Each fault has a platform of its own with real processes and servers; Prometheus scrapes all of them every ${SCRAPE_SECONDS} s, as the PodMonitor asks for, and knows them by the fault's name (\`config\`)\n- *To alert* is from the fault to the first notification that the alert fires, *to recovery* from the moment the fault is ended to the notification that it is over. Alertmanager tells of that with its next round, five minutes after the one before (\`group_interval\`); a fault is ended when the last of its alerts has arrived, so that most rounds have just been`,
    markdownTable([HEAD, ...results.faults.flatMap(rows)]).replace('| ---: | ---: |', '| --- | --- |'),
    'Numbers are seconds.',
    '## What came with it',
    'Alerts that a fault causes beside those it is judged by: critical ones only where the fault declares them. Any other page is a failure of the drill.',
    results.faults
      .filter(({ also }) => also.length > 0)
      .map(({ also, fault }) => `- ${fault.name}: ${also.map(link).join(', ')}`)
      .join('\n') || 'None.',
    `To one more platform nothing happened: ${results.calm.length === 0 ? 'nothing arrived for it' : `${results.calm.map(link).join(', ')} ARRIVED FOR IT`}. The heartbeat ${link('BundlerWatchdog')} arrived ${heartbeats} times, never more than ${longestSilence} s apart.`,
    '## What did not hold',
    problems(results)
      .map((line) => `- ${line}`)
      .join('\n') || 'Everything held.',
    'Which alerts are not part of the drill, and why: [the page of all alerts](reference/alerts.md#not-in-the-fire-drill).',
  ];
  return `${parts.join('\n\n')}\n`;
}

/** What was not as it should be, a line each; none when the drill is passed. */
export function problems({ brokenLinks, calm, faults, heartbeats }: DrillResults): string[] {
  return [
    ...faults.flatMap(({ arrivals, early, fault, unexpected }) => [
      ...arrivals.flatMap(({ alert, toAlert, toRecovery }) => {
        if (toAlert === undefined) return [`${fault.name}: ${alert} did not arrive`];
        return toRecovery === undefined ? [`${fault.name}: ${alert} was not over in time`] : [];
      }),
      ...early.map((alert) => `${fault.name}: ${alert} was told to be over while the fault lasted`),
      ...unexpected.map((alert) => `${fault.name}: ${alert} woke somebody for no reason`),
    ]),
    ...calm.map((alert) => `${alert} arrived for a platform to which nothing happened`),
    ...brokenLinks.map((alert) => `${alert}: its link leads to no runbook`),
    ...(heartbeats === 0 ? ['the heartbeat did not arrive'] : []),
  ];
}

/** When it was run, and which rows are of a later run. */
function runs({ began, faults, minutes }: DrillResults): string {
  const date = new Date(Math.max(...began)).toISOString().slice(0, 10);
  if (began.length === 1) return `on ${date}, from one run of ${minutes.toFixed(0)} minutes`;
  const [, second = 0] = began;
  const later = faults.filter(({ caused }) => caused >= second).map(({ fault }) => fault.name);
  return `on ${date}, from ${began.length} runs of ${minutes.toFixed(0)} minutes together: the rows of ${later.join(', ')} are of a later one (\`ONLY\`)`;
}

const HEAD = ['fault', 'alert', 'severity', 'to alert', 'to recovery'];

function rows({ arrivals, fault }: FaultResult): string[][] {
  return arrivals.map(({ alert, severity, toAlert, toRecovery }, index) => [
    index === 0 ? `**${fault.name}**: ${fault.what}` : '',
    link(alert),
    severity ?? '-',
    toAlert === undefined ? 'DID NOT ARRIVE' : toAlert.toFixed(0),
    toRecovery === undefined ? '-' : toRecovery.toFixed(0),
  ]);
}

const link = (alert: string): string => `[${alert}](runbooks/${alert}.md)`;
