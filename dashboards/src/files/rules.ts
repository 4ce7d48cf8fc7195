import { type Alert, type AlertGroup, alertGroups, type Rule } from '../alerts/index.ts';
import { sloRules } from '../slo/rules.ts';
import { annotationsOf, ruleLabels } from './annotations.ts';

/** A group of rules as Prometheus reads it. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Readonly<Record<string, unknown>>[];
}

/** The recording rules, a group for each objective. */
export const recordingGroups: readonly RuleGroup[] = Object.entries(sloRules).map(([name, rules]) => ({
  name,
  rules: rules.map(({ record, expr, labels }) => ({ record, expr: expr.text, labels })),
}));

/** The alerts, by the group that can be switched off as a whole. */
export const alertingGroups = Object.fromEntries(
  Object.entries(alertGroups).map(([name, alerts]) => [name, alertingGroup(`bundler-${name}`, alerts)]),
) as Readonly<Record<AlertGroup, RuleGroup>>;

/** Alerts as one group. */
export function alertingGroup(name: string, alerts: readonly Alert[]): RuleGroup {
  return { name, rules: alerts.flatMap((alert) => alert.rules.map((rule) => alertingRule(alert, rule))) };
}

function alertingRule(alert: Alert, rule: Rule) {
  return {
    alert: alert.name,
    expr: rule.expr.text,
    ...(rule.for === undefined ? {} : { for: rule.for }),
    ...(rule.keepFiringFor === undefined ? {} : { keep_firing_for: rule.keepFiringFor }),
    labels: ruleLabels(alert, rule),
    annotations: annotationsOf(alert, rule),
  };
}
