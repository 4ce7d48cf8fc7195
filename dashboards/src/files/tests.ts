import type { Alert, Given, Rule } from '../alerts/index.ts';
import { secondsOf } from '../promql/functions.ts';
import { braces } from '../promql/index.ts';
import { annotationsOf, ruleLabels } from './annotations.ts';

type Labels = Readonly<Record<string, string>>;

/** A case as `promtool test rules` reads it. */
interface Case {
  readonly name: string;
  readonly interval: '1m';
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly alert_rule_test?: readonly unknown[];
  readonly promql_expr_test?: readonly unknown[];
}

/** The cases of alerts: each rule fires above its threshold and not just before its time, and never just below it. */
export function testFile(alerts: readonly Alert[], ruleFiles: readonly string[]) {
  return {
    rule_files: ruleFiles,
    evaluation_interval: '1m',
    tests: alerts.flatMap((alert) => alert.rules.flatMap((rule) => casesOf(alert, rule))),
  };
}

function casesOf(alert: Alert, rule: Rule): Case[] {
  const { fires, from = 0, silent, ceases } = rule.proof;
  const name = [alert.name, rule.severity, ...Object.values(rule.labels ?? {})].join(' ');
  const due = from + minutes(rule.for);
  const below = silent === 'never' ? [] : silent;
  return [
    {
      ...caseOf(`${name} fires`, fires),
      alert_rule_test: [{ alertname: alert.name, eval_time: `${due}m`, exp_alerts: [expected(alert, rule)] }],
      ...(due === 0 ? {} : { promql_expr_test: [firing(alert, rule, due - 1, false)] }),
    },
    ...below.map((given, index) => ({
      ...caseOf(`${name} is silent below its threshold (${index + 1})`, given),
      promql_expr_test: [due, due + 2].map((minute) => firing(alert, rule, minute, false)),
    })),
    ...(ceases === undefined ? [] : [keptCase(name, alert, rule, ceases)]),
  ];
}

/** It goes on for a while after it has ceased, and then ends. */
function keptCase(name: string, alert: Alert, rule: Rule, { given, at }: { given: Given; at: number }): Case {
  const kept = at + minutes(rule.keepFiringFor);
  return {
    ...caseOf(`${name} goes on for a while`, given),
    promql_expr_test: [firing(alert, rule, kept - 1, true), firing(alert, rule, kept, false)],
  };
}

const caseOf = (name: string, given: Given): Pick<Case, 'name' | 'interval' | 'input_series'> => ({
  name,
  interval: '1m',
  input_series: given.map(([series, values]) => ({ series, values })),
});

/** Whether this rule fires then, whatever other rules of the same alert do. */
function firing(alert: Alert, rule: Rule, minute: number, fires: boolean) {
  const own = { alertname: alert.name, alertstate: 'firing', ...ruleLabels(alert, rule), ...rule.proof.labels };
  const samples = fires ? [{ labels: `ALERTS${braces(own)}`, value: 1 }] : [];
  return { expr: `ALERTS${braces(own)}`, eval_time: `${minute}m`, exp_samples: samples };
}

function expected(alert: Alert, rule: Rule) {
  const { labels, says } = rule.proof;
  const annotations = Object.entries({ ...annotationsOf(alert, rule), description: says });
  return {
    exp_labels: { ...labels, ...ruleLabels(alert, rule) },
    exp_annotations: Object.fromEntries(annotations.map(([name, text]) => [name, filled(text, labels)])),
  };
}

/** A template with labels filled in, as Prometheus does it. */
const filled = (text: string, labels: Labels): string =>
  text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '');

const minutes = (duration: Rule['for']): number => (duration === undefined ? 0 : Math.ceil(secondsOf(duration) / 60));
