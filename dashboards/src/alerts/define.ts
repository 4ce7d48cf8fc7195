import type { SettingName } from '@bundler/contract';
import type { BoardName } from '../boards/names.ts';
import { braces, type Duration, type LabelOf, type Metric, type Vector } from '../promql/index.ts';

/** `critical` wakes somebody, `warning` is a ticket, `info` is for reading, `none` is for machines. */
export type Severity = 'critical' | 'warning' | 'info' | 'none';
/** Who looks first: whoever owns the service, or whoever owns the cluster and the stores. */
export type Team = 'bundler' | 'platform' | 'payments';

/** One alert by its name, whatever the number of rules behind it. */
export interface Alert {
  readonly name: `Bundler${string}`;
  /** One line, with the labels of what it is about. */
  readonly summary: string;
  /** What was measured, `{{ $value }}`, and from where on it is trouble. */
  readonly description: string;
  readonly team: Team;
  /** The objective whose budget it guards. */
  readonly slo?: string;
  /** The panel that shows what it measures. */
  readonly panel: readonly [board: BoardName, title: string];
  /** Whether the scale plan names it; else it comes from what operating such a platform has taught. */
  readonly inPlan?: true;
  readonly rules: readonly [Rule, ...Rule[]];
  readonly runbook: Runbook;
}

/** One alerting rule. Those of one alert differ in severity, threshold or window. */
export interface Rule {
  readonly severity: Severity;
  /** Where it differs from that of the alert. */
  readonly description?: string;
  readonly expr: Vector<string>;
  /** How long it must hold; at once when nothing is said. */
  readonly for?: Duration;
  /** How long it goes on after it has ceased: for gauges that flip. */
  readonly keepFiringFor?: Duration;
  readonly labels?: Readonly<Record<string, string>>;
  readonly proof: Proof;
}

/** Series and their values, one a minute from the start on. */
export type Given = readonly (readonly [series: string, values: string])[];

/** How it is known that the rule fires when it should, and not before. */
export interface Proof {
  /** Just above the threshold. */
  readonly fires: Given;
  /** From which minute on `fires` is true; from the start unless said otherwise. */
  readonly from?: number;
  /** Labels of the alert that fires, beside its name and those that every alert of the rule has. */
  readonly labels: Readonly<Record<string, string>>;
  /** The description that a person then reads. */
  readonly says: string;
  /** Just below the threshold, for each of its conditions: none of them fires. `never` for what always fires. */
  readonly silent: readonly [Given, ...Given[]] | 'never';
  /** Where it goes on after it has ceased: true up to this minute and not from then on. */
  readonly ceases?: { readonly given: Given; readonly at: number };
}

/** What the page of an alert says beside what its rules say themselves. */
export interface Runbook {
  readonly meaning: string;
  readonly impact: string;
  /** Where to look and why, in this order. */
  readonly look: readonly Look[];
  readonly mitigation: readonly string[];
  /** Settings that move it. */
  readonly settings?: readonly SettingName[];
}

export interface Look {
  readonly why: string;
  /** A command that works as it is once NAMESPACE and NAME are set. */
  readonly run: string;
}

/** The platform and the process that given series are of. */
const target = { namespace: 'bundler', config: 'main', component: 'upload', pod: 'upload-1' };

/** A series for a proof: of the process `upload-1` of the platform `main`, unless labels say otherwise; '' is none. */
export function given<const M extends Metric>(
  metric: M,
  labels: { readonly [K in LabelOf<M> | 'le']?: string },
  values: string,
  suffix: '' | '_bucket' | '_count' | '_sum' = '',
): Given[number] {
  const all = Object.entries({ ...target, ...(labels as Record<string, string>) }).filter(([, value]) => value !== '');
  return [`${metric.name}${suffix}${braces(Object.fromEntries(all))}`, values];
}

/** How long series of proofs go on, minutes: longer than the longest `for`. */
const MINUTES = 240;

/** The same value for as long as the proof takes. */
export const steady = (value: number): string => `${value}+0x${MINUTES}`;
/** A counter that grows by so much a minute. */
export const growing = (aMinute: number): string => `0+${aMinute}x${MINUTES}`;
/** Another value from a minute on. */
export const step = (before: number, minute: number, after: number): string =>
  `${before}+0x${minute - 1} ${after}+0x${MINUTES - minute}`;
/** No value any more from a minute on. */
export const gone = (value: number, minute: number): string => `${value}+0x${minute - 1} stale`;

/** Commands that the pages of alerts have in common; each works as it is once NAMESPACE and NAME are set. */
export const look = {
  status: {
    why: 'Conditions, pods in trouble, queues and connections:',
    run: 'kubectl bundler status "$NAME" -n "$NAMESPACE"',
  },
  budget: { why: 'Connections by part of the platform:', run: 'kubectl bundler budget "$NAME" -n "$NAMESPACE"' },
  doctor: { why: 'What the platform needs and may lack:', run: 'kubectl bundler doctor "$NAME" -n "$NAMESPACE"' },
  logs: (component: string, grep = ''): Look => ({
    why: `What the processes of \`${component}\` say (on one machine: \`make logs NAME=${component.replace(/-.*/, '')}\`):`,
    run: `kubectl -n "$NAMESPACE" logs --prefix --tail=500 -l "app.kubernetes.io/instance=$NAME,app.kubernetes.io/component=${component}"${grep && ` | grep -E '${grep}'`}`,
  }),
  metrics: (pattern: string): Look => ({
    why: 'The figures of one upload API by itself (on one machine without the first command):',
    run: `kubectl -n "$NAMESPACE" port-forward "service/$NAME-upload" 3001 & sleep 2\ncurl -s http://127.0.0.1:3001/bundler_metrics | grep -E '${pattern}'`,
  }),
  payment: (pattern: string): Look => ({
    why: 'The figures of one payment process by itself (on one machine without the first command):',
    run: `kubectl -n "$NAMESPACE" port-forward "service/$NAME-payment" 4001 & sleep 2\ncurl -s http://127.0.0.1:4001/bundler_metrics | grep -E '${pattern}'`,
  }),
  /** @param sql without a quotation mark */
  paymentDatabase: (why: string, sql: string): Look => ({
    why: `${why} (on one machine: \`psql\` with the PAYMENT_DB_URL that \`make status\` leads to):`,
    run: `kubectl -n "$NAMESPACE" exec "deploy/$NAME-payment" -- node -e 'const db = new (require("pg").Client)(process.env.PAYMENT_DB_URL); db.connect().then(() => db.query("${sql}")).then(({ rows }) => console.table(rows), console.error).finally(() => db.end())'`,
  }),
} as const;
