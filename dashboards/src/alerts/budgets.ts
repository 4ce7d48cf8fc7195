import { metrics, objectives, operatorMetrics } from '@bundler/contract';
import { type Duration, gauge } from '../promql/index.ts';
import { type ErrorWindow, sloMetrics } from '../slo/rules.ts';
import { budgetOf, rounded, type Slo, slos } from '../slo/slos.ts';
import { type Alert, type Given, given, growing, look, type Rule, type Severity, steady } from './define.ts';

interface Burn {
  /** How many times as fast as allowed. */
  readonly factor: number;
  /** Over which window, and over which short one too, so that it ends soon after its cause. */
  readonly long: ErrorWindow;
  readonly short: ErrorWindow;
  readonly for: Duration;
  readonly severity: Severity;
}

/** What would spend 2% of the budget in an hour, 5% in six, 10% in a day or in three. */
const burns: readonly Burn[] = [
  { factor: 14.4, long: '1h', short: '5m', for: '2m', severity: 'critical' },
  { factor: 6, long: '6h', short: '30m', for: '15m', severity: 'critical' },
  { factor: 3, long: '1d', short: '2h', for: '1h', severity: 'warning' },
  { factor: 1, long: '3d', short: '6h', for: '3h', severity: 'warning' },
];

/** Enough events of an objective to speak of, one series that is counted. */
function enough(slo: Slo): Given {
  const aMinute = growing(100);
  const size = slo.name.replace('upload-latency-', '');
  if (slo.name === 'upload-availability')
    return [given(metrics.uploadRequests, { outcome: 'ok', sig_type: 'arweave' }, aMinute)];
  if (slo.name.startsWith('upload-latency-'))
    return [given(metrics.uploadLatency, { size_category: size }, aMinute, '_count')];
  if (slo.name.startsWith('finality-'))
    return [given(metrics.itemFinality, { to: slo.name.replace('finality-', '') }, aMinute, '_count')];
  if (slo.name === 'payment-availability') {
    const labels = {
      component: 'payment',
      pod: 'payment-1',
      method: 'POST',
      route: '/reserve-balance',
      status_code: '200',
    };
    return [given(metrics.httpRequests, labels, aMinute, '_count')];
  }
  return [given(operatorMetrics.reconciles, { queue: 'reconcile', result: 'ok', config: '' }, aMinute, '_count')];
}

function ruleOf(slo: Slo, burn: Burn): Rule {
  const limit = rounded(budgetOf(slo) * burn.factor);
  const of = { slo: slo.name };
  const errors = (window: ErrorWindow) => gauge(sloMetrics.errors[window], of).above(limit);
  const labels = slo.by.includes('config') ? { namespace: 'bundler', config: 'main' } : { namespace: 'bundler' };
  const ratio = (window: ErrorWindow, value: number) =>
    given(sloMetrics.errors[window], { ...of, config: '', component: '', pod: '', ...labels }, steady(rounded(value)));
  const given2 = (long: number, short: number) => [ratio(burn.long, long), ratio(burn.short, short)];
  const [above, below] = [limit * 1.02, limit * 0.98];
  const text = (share: string) =>
    `${slo.title}: ${share} of the events of the last ${burn.long} were bad, which spends the budget of 30 days ${burn.factor} times as fast as it may be; the limit is ${percent(limit)}.`;
  return {
    severity: burn.severity,
    description: text('{{ $value | humanizePercentage }}'),
    expr: errors(burn.long)
      .and(errors(burn.short), { on: [...slo.by] })
      .and(slo.events(burn.long).above(objectives.leastEvents), { on: [...slo.by] }),
    for: burn.for,
    labels: { slo: slo.name, window: burn.long },
    proof: {
      fires: [...given2(above, above), ...enough(slo)],
      from: 1,
      labels: { ...labels, slo: slo.name },
      says: text(percent(above)),
      silent: [
        [...given2(below, above), ...enough(slo)],
        [...given2(above, below), ...enough(slo)],
        // One failure at night.
        [...given2(above, above), ...enough(slo).map(([series]) => [series, '0 40+0x240'] as const)],
      ],
    },
  };
}

/** As Prometheus prints a share: four digits. */
const percent = (share: number): string => `${Number((share * 100).toPrecision(4))}%`;

function burnAlert(
  { name, title, team = 'bundler', of }: { name: Alert['name']; title: string; team?: Alert['team']; of: string },
  runbook: Alert['runbook'],
): Alert {
  const guarded = slos.filter((slo) => slo.name.startsWith(of));
  const rules = guarded.flatMap((slo) => burns.map((burn) => ruleOf(slo, burn)));
  return {
    name,
    summary: `${title} spend the error budget of {{ $labels.slo }} too fast`,
    description: 'The budget of 30 days is spent too fast.',
    team,
    slo: of,
    panel: ['slos', 'Burn rate'],
    rules: rules as [Rule, ...Rule[]],
    runbook,
  };
}

const meaning = (what: string): string =>
  `${what} An objective leaves a budget of bad events for 30 days. Four rules watch how fast it goes, each over a long window and a short one: ${burns
    .map(({ factor, long, short, severity }) => `${factor} times over ${long} and ${short} (${severity})`)
    .join(', ')}. Fewer than ${objectives.leastEvents} events never fire.`;

/** Error budgets that go too fast. */
export const budgetAlerts: readonly Alert[] = [
  {
    ...burnAlert(
      { name: 'BundlerUploadErrorBudgetBurn', title: 'Failed uploads', of: 'upload-availability' },
      {
        meaning: meaning('Uploads that could have been taken end with server_error or shed.'),
        impact: 'Clients get 5xx and try again.',
        look: [look.metrics('^upload_(requests|errors)_total'), look.logs('upload', '"level":(40|50)'), look.status],
        mitigation: [
          '`upload_errors_total` names the error codes: what is behind them (PostgreSQL, object store, payment) has alerts of its own.',
          '`shed`: do what the runbook of BundlerLoadShedding says.',
        ],
        settings: ['maxSigningWait', 'uploadReplicas', 'databasePoolMax'],
      },
    ),
    inPlan: true,
  },
  burnAlert(
    { name: 'BundlerUploadLatencyBudgetBurn', title: 'Slow uploads', of: 'upload-latency' },
    {
      meaning: meaning('Uploads take longer than the objective of their size.'),
      impact: 'Clients wait.',
      look: [look.metrics('^upload_stage_duration_seconds_(sum|count)'), look.status],
      mitigation: ['As for BundlerUploadP99High, which fires on what is slow right now.'],
      settings: ['maxSigningWait', 'groupInterval', 'uploadReplicas'],
    },
  ),
  burnAlert(
    { name: 'BundlerFinalityBudgetBurn', title: 'Late items', of: 'finality' },
    {
      meaning: meaning('Items are posted, or permanent, later than promised.'),
      impact: 'Receipts come nearer to their deadline.',
      look: [look.metrics('^(queue_depth|data_item_state_age_seconds|bundles)'), look.status],
      mitigation: [
        'See which step takes the time on the board Bundles and Arweave: waiting for a bundle, preparing, posting, seeding, or the network.',
        'OVERDUE_DATA_ITEM_THRESHOLD_MS is how long an item may wait for company.',
      ],
      settings: ['overdueThreshold', 'planInterval', 'verifyInterval', 'arweaveConfirmations'],
    },
  ),
  burnAlert(
    {
      name: 'BundlerPaymentErrorBudgetBurn',
      title: 'Failed prices and reservations',
      team: 'payments',
      of: 'payment-availability',
    },
    {
      meaning: meaning('The payment service answers prices, checks and reservations with 5xx.'),
      impact: 'Uploads that cost something are refused with 503, and at once when the circuit opens. Free ones go on.',
      look: [
        look.payment('^(http_request_duration_seconds_count|load_shed_total)'),
        look.logs('payment', '"level":(40|50)'),
        look.status,
      ],
      mitigation: [
        '`price_unavailable`: see BundlerPriceStale. `unavailable`: its database is away or has no connection left.',
        'More of it (`payment.replicas`) where it is short of CPU; PAYMENT_DB_POOL_MAX where it waits for connections.',
      ],
      settings: ['paymentDatabasePoolMax', 'priceMaxAge'],
    },
  ),
  burnAlert(
    { name: 'BundlerOperatorBudgetBurn', title: 'Slow reconciliations', team: 'platform', of: 'operator-convergence' },
    {
      meaning: meaning('Reconciliations of the operator take longer than half a minute.'),
      impact: 'Edits and repairs are late.',
      look: [
        {
          why: 'What the operator says (name its namespace):',
          run: 'kubectl -n "${OPERATOR_NAMESPACE:-bundler-operator}" logs --prefix --tail=200 -l app.kubernetes.io/name=bundler-operator',
        },
        look.doctor,
      ],
      mitigation: [
        'A slow API server or its rate limits show as waits in the log. More CPU for the operator helps when it has hundreds of BundlerConfigs.',
      ],
    },
  ),
];
