/**
 * Makes every alert wrong in every way that its proof must notice, and asks promtool whether it does: nightly, for it takes
 * minutes. `node services/testing/monitoring/mutate.ts [NAME...]`
 */
import { alertingGroup, alerts, testFile } from '@bundler/dashboards';
import { mutantsOf } from '@bundler/dashboards/mutants';
import { findPrometheus } from '../src/tools/prometheus.ts';
import { Promtool } from './kit/promtool.ts';

const names = process.argv.slice(2);
const tools = await findPrometheus(process.env);
if (tools.missing !== undefined) throw new Error(tools.missing);
const promtool = new Promtool(tools.paths.promtool);

/** One rule of one alert, with its own proof. */
const single = alerts
  .filter(({ name }) => names.length === 0 || names.includes(name))
  .flatMap((alert) => alert.rules.map((rule) => ({ ...alert, rules: [rule] as const })));
const work = single.flatMap((alert) => {
  const group = alertingGroup(alert.name, [alert]);
  return mutantsOf(group.rules[0] ?? {}).map((mutant) => ({ alert, group, mutant }));
});

const survivors: string[] = [];
let done = 0;
const queue = work.values();

async function worker(): Promise<void> {
  for (const { alert, group, mutant } of queue) {
    const rules = { groups: [{ ...group, rules: [mutant.rule] }] };
    const { passed } = await promtool.test(rules, testFile([alert], ['rules.yaml']));
    if (passed)
      survivors.push(
        `${alert.name} ${JSON.stringify(alert.rules[0].labels ?? {})}: ${mutant.change}: ${String(mutant.rule['expr'])}`,
      );
    done += 1;
    if (done % 50 === 0) process.stderr.write(`${done} of ${work.length}\n`);
  }
}

await Promise.all([worker(), worker()]);
console.log(
  `${work.length} wrong rules of ${alerts.length} alerts: ${work.length - survivors.length} noticed, ${survivors.length} not`,
);
for (const survivor of survivors) console.log(`not noticed: ${survivor}`);
process.exitCode = survivors.length === 0 ? 0 : 1;
