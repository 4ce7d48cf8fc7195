import { gauge } from '../promql/index.ts';
import { sloMetrics, windows } from '../slo/rules.ts';
import { type Board, cell, line, logsRow, scope, table, timeseries } from './define.ts';

const namespaces = { cluster: scope.cluster, namespace: scope.namespace };
const rulesNeeded = 'the recording rules, and events of each objective';

export const slos: Board = {
  name: 'slos',
  title: 'Bundler / SLOs',
  description: 'Promises over 30 days, what is left of their error budgets, and how fast they go.',
  rows: [
    {
      title: 'All objectives',
      panels: [
        table({
          title: 'Objectives',
          description:
            'What is promised, the errors of 30 days, the budget left, and how fast it goes now. Good is a burn rate below 1. docs/monitoring-setup.md says what happens below 25%.',
          unit: 'percentunit',
          queries: [
            cell(gauge(sloMetrics.objective), 'objective'),
            cell(gauge(sloMetrics.errors['30d'], namespaces), 'errors in 30 days'),
            cell(gauge(sloMetrics.remaining, namespaces), 'budget left'),
            cell(gauge(sloMetrics.errors['1h'], namespaces), 'errors in an hour'),
          ],
          needs: rulesNeeded,
        }),
      ],
    },
    {
      title: 'Budgets',
      panels: [
        timeseries({
          title: 'Burn rate',
          description:
            'How many times as fast as allowed the budget goes, over 5 minutes. Lines: 1 (it lasts exactly 30 days), 6 and 14.4 (alerts).',
          unit: 'short',
          width: 12,
          limits: [
            { value: 6, colour: 'orange' },
            { value: 14.4, colour: 'red' },
          ],
          queries: [line(gauge(sloMetrics.burnRate, namespaces), '{{slo}}')],
          needs: rulesNeeded,
        }),
        timeseries({
          title: 'Budget left',
          description: 'Of the budget of 30 days. Good is above 25%.',
          unit: 'percentunit',
          width: 12,
          limits: [{ value: 0.25, colour: 'red', least: true }],
          queries: [line(gauge(sloMetrics.remaining, namespaces), '{{slo}}')],
          needs: rulesNeeded,
        }),
        ...windows.map((window) =>
          timeseries({
            title: `Errors over ${window}`,
            description: `Share of bad events of the last ${window}. Good is below the budget, which is 1 less the objective.`,
            unit: 'percentunit',
            width: 6,
            queries: [line(gauge(sloMetrics.errors[window], namespaces), '{{slo}}')],
            needs: rulesNeeded,
          }),
        ),
        timeseries({
          title: 'What each objective leaves',
          description: 'Share of bad events that is allowed.',
          unit: 'percentunit',
          width: 6,
          queries: [line(gauge(sloMetrics.budget), '{{slo}}')],
          needs: 'the recording rules',
        }),
      ],
    },
    logsRow('what spends them'),
  ],
};
