import { type Alert, alertGroups, alerts, notDrilled, slos } from '@bundler/dashboards';
import { singleRulesOf } from '@bundler/dashboards/mutants';
import { code, page, table } from '../markdown.ts';
import type { Printer } from '../printer.ts';

const single = singleRulesOf(alerts);
const wrong = single.reduce((sum, { mutants }) => sum + mutants.length, 0);
const left = Object.keys(notDrilled);

const introduction = `Every alert, by the group that the operator's chart can switch off as a whole, and every objective. Those marked *plan* stand
in the scale plan. [Setting up the monitoring](../monitoring-setup.md) says how to install them, and how it is known that they work. The
${alerts.length} alerts have ${single.length} rules, which \`services/testing/monitoring/mutate.ts\` makes wrong in ${wrong} ways. The fire drill causes ${alerts.length - left.length} of the alerts, and leaves out [the others](#not-in-the-fire-drill).`;

const linked = (name: string): string => `[${name}](../runbooks/${name}.md)`;

const rowOf = ({ name, rules, summary, inPlan, team }: Alert): string[] => [
  linked(name),
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
    const parts = [
      ...groups,
      '## Not in the fire drill',
      '[The fire drill](../fire-drill.md) leaves these out, which promtool proves as it does all of them.',
      table(
        ['Alert', 'Why'],
        left.map((name) => [linked(name), notDrilled[name] ?? '']),
      ),
      '## Objectives',
      table(['Objective', 'Of 30 days', 'What it promises'], objectives),
    ];
    return page('dashboards/src/alerts', 'Alerts', introduction, parts);
  },
};
