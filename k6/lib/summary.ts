import { junit, type Verdict } from './junit.ts';
import { settings } from './settings.ts';

export interface Metric {
  readonly type: string;
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
}

export interface Group {
  readonly checks: readonly { readonly name: string; readonly passes: number; readonly fails: number }[];
  readonly groups: readonly Group[];
}

export interface Data {
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly root_group: Group;
}

/** What k6 calls at the end: everything as JSON, thresholds and checks as JUnit, and the same for people. */
export function summary(suite: string) {
  return (data: Data): Record<string, string> => {
    const verdicts = [...thresholds(data), ...checks(data.root_group)];
    const lines = verdicts.map(({ passed, name, detail }) => `  ${passed ? 'ok  ' : 'FAIL'} ${name}: ${detail}`);
    return {
      [`${settings.artifacts}/summary.json`]: JSON.stringify({ metrics: data.metrics, verdicts }, undefined, 1),
      [`${settings.artifacts}/client.junit.xml`]: junit(`${suite} client`, verdicts),
      stdout: `${lines.join('\n')}\n`,
    };
  };
}

function thresholds({ metrics }: Data): Verdict[] {
  return Object.entries(metrics).flatMap(([metric, { thresholds = {}, values }]) =>
    Object.entries(thresholds).map(([expression, { ok }]) => ({
      name: `${metric} ${expression}`,
      passed: ok,
      detail: valueOf(expression, values),
    })),
  );
}

/** The figure that an expression such as `p(99)<1000` is about. */
function valueOf(expression: string, values: Readonly<Record<string, number>>): string {
  const key = /^[a-z]+(\([0-9.]+\))?/.exec(expression.trim())?.[0] ?? '';
  const value = values[key];
  return value === undefined ? 'no sample' : `${key} is ${Math.round(value * 10_000) / 10_000}`;
}

function checks({ checks: all, groups }: Group): Verdict[] {
  const own = all.map(({ name, passes, fails }) => ({
    name,
    passed: fails === 0,
    detail: `${passes} of ${passes + fails}`,
  }));
  return [...own, ...groups.flatMap((group) => checks(group))];
}
