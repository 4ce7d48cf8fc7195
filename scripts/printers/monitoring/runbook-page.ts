import { type Setting, type SettingName, settings } from '@bundler/contract';
import { type Alert, notDrilled, ruleLabels } from '@bundler/dashboards';
import { code, page, table } from '../markdown.ts';
import { specDefault } from '../setting-facts.ts';

/**
 * The page of an alert. Commands in it work as they stand once NAMESPACE and NAME are set, which is also how
 * `kubectl bundler runbook` fills them in.
 */
export function runbookPage(alert: Alert): string {
  const { runbook, rules } = alert;
  const parts = [
    table(
      ['Severity', 'Holds for', 'Goes on for', 'Labels'],
      rules.map((rule) => rowOf(alert, rule)),
    ),
    '## Meaning',
    runbook.meaning,
    expressions(alert),
    '## Impact',
    runbook.impact,
    '## Diagnosis',
    'Say once which platform it is about; the labels of the alert tell.',
    shell('NAMESPACE=bundler NAME=main'),
    ...runbook.look.flatMap(({ why, run }) => [why, shell(run)]),
    `The panel is "${alert.panel[1]}" of the board \`bundler-${alert.panel[0]}\`. What Prometheus makes of the rule:`,
    shell(`promtool query instant "\${PROMETHEUS:-http://127.0.0.1:9090}" '${(rules[0]).expr.text}'`),
    '## Mitigation',
    runbook.mitigation.map((step) => `- ${step}`).join('\n'),
    ...settingsTable(runbook.settings ?? []),
    '## How this alert was tested',
    tested(alert),
  ];
  return page('dashboards/src/alerts', alert.name, `${plain(alert.summary)}.`, parts);
}

const shell = (command: string): string => `\`\`\`sh\n${command}\n\`\`\``;
/** A template as a sentence: what Prometheus fills in stands in capitals. */
const plain = (text: string): string =>
  text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => label.toUpperCase());

function rowOf(alert: Alert, rule: Alert['rules'][number]): string[] {
  const labels = Object.entries(ruleLabels(alert, rule)).filter(([name]) => name !== 'severity');
  return [
    rule.severity,
    rule.for ?? 'fires at once',
    rule.keepFiringFor ?? '',
    labels.map(([name, value]) => code(`${name}=${value}`)).join(' '),
  ];
}

/** Rules of one alert that differ in a number only would fill the page: the first three tell how they are. */
function expressions({ rules }: Alert): string {
  const shown = rules.slice(0, 3).map(({ expr }) => expr.text);
  const more =
    rules.length > shown.length
      ? `\n# and ${rules.length - shown.length} more, see dashboards/prometheus/alerts.yaml`
      : '';
  return `\`\`\`promql\n${shown.join('\n\n')}${more}\n\`\`\``;
}

function settingsTable(names: readonly SettingName[]): string[] {
  if (names.length === 0) return [];
  const rows = names.map((name) => {
    const setting: Setting = settings[name];
    return [
      code(setting.env),
      setting.path === null ? 'from the platform' : code(setting.path),
      code(specDefault(setting) ?? ''),
      setting.applies,
    ];
  });
  return ['What moves it:', table(['Environment', 'BundlerConfig.spec', 'Default', 'Applies'], rows)];
}

function tested({ name, rules }: Alert): string {
  const { proof } = rules[0];
  const given = proof.fires.map(([series, values]) => `    ${series}  ${values}`).join('\n');
  const cases = rules.reduce((sum, { proof: { silent } }) => sum + 1 + (silent === 'never' ? 0 : silent.length), 0);
  return `promtool runs ${cases} case${cases === 1 ? '' : 's'} of it in every test run: above each threshold it fires when its time has come and not a minute before, and just
below it stays silent. With a value a minute of

${given}

a person reads: "${proof.says}"

${shell(`npm test -- services/testing/monitoring -t ${name}`)}

${drilled(name)}`;
}

function drilled(name: string): string {
  const why = notDrilled[name];
  return why === undefined
    ? 'The fire drill causes it for real, and it arrives at a webhook through Alertmanager, with the times that `docs/fire-drill.md` tells:\n\n' +
        shell('make fire-drill')
    : `The fire drill (\`docs/fire-drill.md\`) leaves it out: ${why}.`;
}
