import { type Alert, alertGroups, slos } from '@bundler/dashboards';
import { code, page, table } from '../markdown.ts';
import type { Printer } from '../printer.ts';

const introduction = `Every alert, by the group that the operator's chart can switch off as a whole, and every objective. Those marked *plan* stand
in the scale plan. [Setting up the monitoring](../monitoring-setup.md) says how to install them.`;

const rowOf = ({ name, rules, summary, inPlan, team }: Alert): string[] => [
  `[${name}](../runbooks/${name}.md)`,
  [...new Set(rules.map(({ severity }) => severity))].join(', '),
  [...new Set(rules.map((rule) => rule.for ?? 'at once'))].join(', '),
  summary.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => label.toUpperCase()),
  team,
  inPlan ? 'plan' : '',
];

/** The reference page of all alerts and objectives. */
export const alertsPage: Printer = {
  path: 'docs/reference/alerts.md',
  print: () => {
    const groups = Object.entries<readonly Alert[]>(alertGroups).flatMap(([name, alerts]) => [
      `## ${name}`,
      table(['Alert', 'Severity', 'Holds for', 'Says', 'Team', ''], alerts.map(rowOf)),
    ]);
    const objectives = slos.map((slo) => [code(slo.name), `${Number((slo.objective * 100).toPrecision(6))}%`, slo.doc]);
    const parts = [...groups, '## Objectives', table(['Objective', 'Of 30 days', 'What it promises'], objectives)];
    return page('dashboards/src/alerts', 'Alerts', introduction, parts);
  },
};
