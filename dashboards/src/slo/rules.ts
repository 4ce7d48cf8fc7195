import { constant, type Duration, gauge, type Metric, platform, raw, share, type Vector } from '../promql/index.ts';
import { budgetOf, type Slo, slos } from './slos.ts';

/** A series that Prometheus computes from others at every evaluation. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: Vector<string>;
  readonly labels: Readonly<Record<string, string>>;
}

/** Windows over which errors are counted directly. */
export const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d'] as const satisfies readonly Duration[];
export type ErrorWindow = (typeof windows)[number];

const labels = { slo: 'the objectives' } as const;
const recorded = (name: string, help: string) => ({ name, type: 'gauge', help, labels }) as const satisfies Metric;

/** What the rules record, as metrics that boards and alerts can use. */
export const sloMetrics = {
  errors: Object.fromEntries(
    [...windows, '30d' as const].map((window) => [
      window,
      recorded(`slo:sli_error:ratio_rate${window}`, `Share of bad events over ${window}.`),
    ]),
  ) as Record<ErrorWindow | '30d', ReturnType<typeof recorded>>,
  objective: recorded('slo:objective:ratio', 'Share of good events that is promised.'),
  budget: recorded('slo:error_budget:ratio', 'Share of bad events that the objective leaves.'),
  burnRate: recorded('slo:current_burn_rate:ratio', 'How many times as fast as allowed the budget is spent now.'),
  remaining: recorded('slo:period_error_budget_remaining:ratio', 'Share of the budget of 30 days that is left.'),
};

/** The rules of every objective, a group each. */
export const sloRules: Readonly<Record<string, readonly RecordingRule[]>> = Object.fromEntries(
  slos.map((slo) => [`bundler-slo-${slo.name}`, rulesOf(slo)]),
);

function rulesOf(slo: Slo): RecordingRule[] {
  const own = { slo: slo.name };
  const rule = ({ name }: Metric, expr: Vector<string>): RecordingRule => ({ record: name, expr, labels: own });
  const fiveMinutes = `${sloMetrics.errors['5m'].name}{slo="${slo.name}"}`;
  const overMonth = raw(`sum_over_time(${fiveMinutes}[30d]) / count_over_time(${fiveMinutes}[30d])`, platform);
  return [
    ...windows.map((window) => rule(sloMetrics.errors[window], share(slo.bad(window), slo.all(window)))),
    rule(sloMetrics.errors['30d'], overMonth),
    rule(sloMetrics.objective, constant(slo.objective)),
    rule(sloMetrics.budget, constant(budgetOf(slo))),
    rule(sloMetrics.burnRate, gauge(sloMetrics.errors['5m'], own).over(budgetOf(slo))),
    rule(sloMetrics.remaining, raw('1', []).minus(gauge(sloMetrics.errors['30d'], own).over(budgetOf(slo)))),
  ];
}
