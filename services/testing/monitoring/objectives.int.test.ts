import { alertingGroup, alerts, recordingGroups, slos } from '@bundler/dashboards';
import { describeUnless } from '../src/left-out.ts';
import { findPrometheus } from '../src/tools/prometheus.ts';
import { Promtool } from './kit/promtool.ts';

const tools = await findPrometheus(process.env);

const platform = 'namespace="bundler", config="main"';
type Input = Readonly<Record<string, number>>;

/** Counters of which two in a hundred are bad, a minute each, by objective. Bounds of buckets are spelled as the version does it. */
function twoPercentBad(slo: string, bound: (bound: number) => string): Input {
  const histogram = (name: string, labels: string, le: number): Input => ({
    [`${name}_count{${labels}}`]: 100,
    [`${name}_bucket{${labels}, le="${bound(le)}"}`]: 98,
    [`${name}_bucket{${labels}, le="+Inf"}`]: 100,
  });
  const latency = (size: string, le: number) =>
    histogram('upload_latency_seconds', `${platform}, size_category="${size}"`, le);
  const finality = (to: string, le: number) => histogram('data_item_finality_seconds', `${platform}, to="${to}"`, le);
  const inputs: Readonly<Record<string, Input>> = {
    'upload-availability': {
      [`upload_requests_total{${platform}, outcome="ok"}`]: 98,
      [`upload_requests_total{${platform}, outcome="server_error"}`]: 1,
      [`upload_requests_total{${platform}, outcome="shed"}`]: 1,
      // What only the sender can mend counts for neither side.
      [`upload_requests_total{${platform}, outcome="client_error"}`]: 500,
      [`upload_requests_total{${platform}, outcome="aborted"}`]: 500,
    },
    'upload-latency-small': latency('small', 1),
    'upload-latency-medium': latency('medium', 10),
    'upload-latency-large': latency('large', 300),
    'finality-posted': finality('posted', 900),
    'finality-permanent': finality('permanent', 86_400),
    'payment-availability': {
      [`http_request_duration_seconds_count{${platform}, component="payment", route="/reserve-balance", status_code="200"}`]: 98,
      [`http_request_duration_seconds_count{${platform}, component="payment", route="/price/bytes/:bytes", status_code="503"}`]: 2,
      // What uploads do not wait for, and other services.
      [`http_request_duration_seconds_count{${platform}, component="payment", route="/rates", status_code="503"}`]: 500,
      [`http_request_duration_seconds_count{${platform}, component="upload", route="/price/bytes/:bytes", status_code="503"}`]: 500,
    },
    'operator-convergence': histogram(
      'bundler_operator_reconcile_duration_seconds',
      'namespace="bundler", queue="reconcile", result="ok"',
      30,
    ),
  };
  return inputs[slo] ?? {};
}

const series = (input: Input) =>
  Object.entries(input).map(([name, aMinute]) => ({ series: name, values: `0+${aMinute}x120` }));
const windows = ['5m', '30m', '1h', '2h', '6h', '1d', '3d', '30d'];

describeUnless(tools.missing, 'the recording rules', () => {
  const promtool = new Promtool(tools.paths?.promtool ?? '');

  it('have a case for each objective', () => {
    expect(slos.filter(({ name }) => Object.keys(twoPercentBad(name, String)).length === 0)).toEqual([]);
  });

  it.each(
    slos.flatMap((slo) => [
      [slo.name, 'Prometheus 2', slo, String] as const,
      [slo.name, 'Prometheus 3', slo, (bound: number) => bound.toFixed(1)] as const,
    ]),
  )(
    'tell the errors of %s over every window, and what is left of its budget (bounds of %s)',
    async (_, _version, slo, bound) => {
      const labels = `{${slo.by.includes('config') ? platform : 'namespace="bundler"'}, slo="${slo.name}"}`;
      const budget = Number((1 - slo.objective).toPrecision(6));
      const is = (name: string, value: number, where = labels) => ({
        // Rounded, because binary fractions are.
        expr: `round(${name}{slo="${slo.name}"}, 0.0001)`,
        eval_time: '90m',
        exp_samples: [{ labels: where, value }],
      });
      const rules = { groups: recordingGroups.filter(({ name }) => name === `bundler-slo-${slo.name}`) };
      const tests = {
        rule_files: ['rules.yaml'],
        evaluation_interval: '1m',
        tests: [
          {
            interval: '1m',
            input_series: series(twoPercentBad(slo.name, bound)),
            promql_expr_test: [
              ...windows.map((window) => is(`slo:sli_error:ratio_rate${window}`, 0.02)),
              is('slo:objective:ratio', slo.objective, `{slo="${slo.name}"}`),
              is('slo:error_budget:ratio', budget, `{slo="${slo.name}"}`),
              is('slo:current_burn_rate:ratio', Number((0.02 / budget).toFixed(4))),
              is('slo:period_error_budget_remaining:ratio', Number((1 - 0.02 / budget).toFixed(4))),
            ],
          },
        ],
      };
      expect(await promtool.test(rules, tests)).toMatchObject({ passed: true });
    },
  );

  it('lead from counters to a page when the budget of uploads goes twenty times too fast', async () => {
    const [alert] = alerts.filter(({ name }) => name === 'BundlerUploadErrorBudgetBurn');
    const rules = { groups: [...recordingGroups, alertingGroup('alert', alert ? [alert] : [])] };
    const page =
      'ALERTS{alertname="BundlerUploadErrorBudgetBurn", alertstate="firing", severity="critical", window="1h"}';
    const expected = `ALERTS{alertname="BundlerUploadErrorBudgetBurn", alertstate="firing", severity="critical", window="1h", ${platform}, slo="upload-availability", team="bundler"}`;
    const at = (minute: number, exp_samples: object[]) => ({ expr: page, eval_time: `${minute}m`, exp_samples });
    const tests = {
      rule_files: ['rules.yaml'],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: series(twoPercentBad('upload-availability', String)),
          promql_expr_test: [at(2, []), at(10, [{ labels: expected, value: 1 }])],
        },
      ],
    };
    expect(await promtool.test(rules, tests)).toMatchObject({ passed: true });
  });
});
