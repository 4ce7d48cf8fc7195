import exec from 'k6/execution';
import http from 'k6/http';
import type { Options } from 'k6/options';
import { firstItems, type Load, type Profile } from '../profiles/profile.ts';
import { nothingBroken } from './guard.ts';
import { load, settings } from './settings.ts';

type Thresholds = NonNullable<Options['thresholds']>;

/** k6 keeps figures of a part of the requests only where a threshold asks for them: one that always holds. */
const shown = { 'http_req_duration{kind:upload,size_category:small}': ['max>=0'] };

/** The options of a suite: its profile's loads, each with its place in the corpus, and what must hold. */
export function suite(
  name: string,
  profile: (load: Load) => Profile,
  executions: Readonly<Record<string, string>>,
  thresholds: Thresholds,
): Options {
  const chosen = profile(load());
  const firsts = firstItems(chosen);
  const scenarios = Object.entries(chosen.scenarios).map(([scenario, { shape, startSeconds }]) => {
    const execution = executions[scenario] ?? executions['*'];
    if (execution === undefined) throw new Error(`${name}: nothing is said to be done in ${scenario}`);
    const env = { FIRST_ITEM: String(firsts[scenario]) };
    return [scenario, { ...shape, startTime: `${startSeconds}s`, exec: execution, env, tags: { phase: scenario } }];
  });
  return {
    scenarios: Object.fromEntries(scenarios) as NonNullable<Options['scenarios']>,
    thresholds: { ...nothingBroken, ...shown, ...thresholds },
    tags: { suite: name },
    discardResponseBodies: true,
    summaryTrendStats: ['avg', 'p(50)', 'p(95)', 'p(99)', 'max', 'count'],
    setupTimeout: '60s',
    teardownTimeout: '60s',
  };
}

/** The place in the corpus whose turn it is: every iteration of a run has its own. */
export function nextItem(perIteration = 1): number {
  return Number(__ENV.FIRST_ITEM) + exec.scenario.iterationInTest * perIteration;
}

/** A load that meets nobody, or the wrong one, measures nothing. */
export function requireHealthyTarget(): void {
  const answer = http.get(`${settings.target}/health`, { tags: { kind: 'setup', name: 'GET /health' } });
  if (answer.status !== 200) exec.test.abort(`${settings.target}/health answered ${answer.status} ${answer.error}`);
}
