import type { Alert, Rule } from '../alerts/index.ts';
import { panelId } from '../boards/panel-id.ts';

/**
 * Where the pages and Grafana are is known where they are installed: the chart puts its values in the place of these two, and
 * who loads the plain files does so with sed.
 */
export const RUNBOOKS = 'http://runbooks.example';
export const GRAFANA = 'http://grafana.example';

export type Annotations = Readonly<
  Record<'summary' | 'description' | 'runbook_url' | 'runbook' | 'dashboard_url', string>
>;

/** What a person reads of an alert, with the templates that Prometheus fills in. */
export function annotationsOf(alert: Alert, rule: Rule): Annotations {
  const first = (...labels: string[]) => labels.find((label) => rule.expr.labels.includes(label));
  const value = (label: string | undefined) => (label === undefined ? undefined : `{{ $labels.${label} }}`);
  const namespace = value(first('namespace', 'exported_namespace'));
  const config = value(first('config', 'name'));
  const [board, title] = alert.panel;
  const variables = [
    namespace === undefined ? '' : `&var-namespace=${namespace}`,
    config === undefined ? '' : `&var-config=${config}`,
  ];
  const command = ['kubectl bundler runbook', alert.name, config, namespace && `-n ${namespace}`];
  return {
    summary: alert.summary,
    description: rule.description ?? alert.description,
    runbook_url: `${RUNBOOKS}/${alert.name}.md`,
    runbook: command.filter(Boolean).join(' '),
    dashboard_url: `${GRAFANA}/d/bundler-${board}?viewPanel=${panelId(title)}${variables.join('')}`,
  };
}

/** Labels that every alert of a rule has beside those of its expression. */
export function ruleLabels(alert: Alert, rule: Rule): Readonly<Record<string, string>> {
  return {
    severity: rule.severity,
    team: alert.team,
    ...(alert.slo === undefined ? {} : { slo: alert.slo }),
    ...rule.labels,
  };
}
