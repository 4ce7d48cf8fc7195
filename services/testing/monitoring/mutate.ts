/**
 * Makes every alert wrong in every way that its proof must notice, and asks promtool whether it does: nightly, for it takes
 * minutes. `node services/testing/monitoring/mutate.ts [NAME...]`
 */
import { type Alert, alerts, testFile } from '@bundler/dashboards';
import { type SingleRule, singleRulesOf } from '@bundler/dashboards/mutants';
import { findPrometheus } from '../src/tools/prometheus.ts';
import { Promtool } from './kit/promtool.ts';

const names = process.argv.slice(2);
const chosen: readonly Alert[] = names.length === 0 ? alerts : alerts.filter(({ name }) => names.includes(name));
const tools = await findPrometheus(process.env);
if (tools.missing !== undefined) throw new Error(tools.missing);
const promtool = new Promtool(tools.paths.promtool);

const rules = singleRulesOf(chosen);
const wrong = rules.flatMap((single) => single.mutants.map((mutant) => ({ single, mutant })));
const problems: string[] = [];
let done = 0;

const holds = async ({ alert, group }: SingleRule, rule = group.rules[0]): Promise<boolean> =>
  (await promtool.test({ groups: [{ ...group, rules: [rule] }] }, testFile([alert], ['rules.yaml']))).passed;
const nameOf = ({ alert }: SingleRule): string => `${alert.name} ${JSON.stringify(alert.rules[0].labels ?? {})}`;

/** A proof that does not hold for its own rule would seem to notice everything. */
async function proveRules(queue: Iterable<SingleRule>): Promise<void> {
  for (const single of queue) if (!(await holds(single))) problems.push(`its proof does not hold: ${nameOf(single)}`);
}

async function tryWrongOnes(queue: Iterable<(typeof wrong)[number]>): Promise<void> {
  for (const { single, mutant } of queue) {
    if (await holds(single, mutant.rule))
      problems.push(`not noticed: ${nameOf(single)}: ${mutant.change}: ${String(mutant.rule['expr'])}`);
    done += 1;
    if (done % 50 === 0) process.stderr.write(`${done} of ${wrong.length}\n`);
  }
}

/** Two at a time, from one queue. */
async function abreast<T>(all: readonly T[], work: (queue: Iterable<T>) => Promise<void>): Promise<void> {
  const queue = all.values();
  await Promise.all([work(queue), work(queue)]);
}

await abreast(rules, proveRules);
await abreast(wrong, tryWrongOnes);
console.log(
  `${wrong.length} wrong ones of ${rules.length} rules of ${chosen.length} alerts: ${problems.length === 0 ? 'all noticed' : `${problems.length} problems`}`,
);
for (const problem of problems) console.log(problem);
process.exitCode = problems.length === 0 ? 0 : 1;
