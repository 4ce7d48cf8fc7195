import { profiles, type Size, type SuiteName } from '@bundler/k6/profiles';

type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadOptions {
  readonly suites: readonly SuiteName[];
  readonly size: Size;
  /** A platform that runs elsewhere; undefined: one is started. */
  readonly target: string | undefined;
  /** A Prometheus that scrapes that platform. */
  readonly prometheus: string | undefined;
  /** Whether a run without a Prometheus counts: the server's side is then not looked at. */
  readonly gate: boolean;
  /** The share of the plan's rates; undefined: as this machine signs. */
  readonly scale: number | undefined;
  /** How many times longer than the objectives say anything may take. */
  readonly slack: number;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Reads `PROFILE` (suites separated by commas, or `all`), `SIZE`, `TARGET`, `ALLOW_TARGET`, `PROMETHEUS`, `GATE`, `SCALE` and `SLACK`.
 *
 * @throws Error that names the variable and what it should be
 */
export function readLoadOptions(env: Environment): LoadOptions {
  const size = env.SIZE || 'short';
  if (size !== 'short' && size !== 'full') throw new Error(`SIZE=${size}: give short or full`);
  const scale = env.SCALE ? Number(env.SCALE) : undefined;
  if (scale !== undefined && !(scale > 0 && scale <= 1)) {
    throw new Error(`SCALE=${env.SCALE}: give the share of the plan's rates, above 0 and at most 1`);
  }
  const slack = Number(env.SLACK || '1');
  if (!(slack >= 1)) throw new Error(`SLACK=${env.SLACK}: give how many times longer things may take, 1 or more`);
  const gate = env.GATE || 'on';
  if (gate !== 'on' && gate !== 'off') throw new Error(`GATE=${gate}: give on or off`);
  return {
    suites: readSuites(env.PROFILE || 'smoke'),
    size,
    target: env.TARGET ? allowedTarget(env.TARGET, env.ALLOW_TARGET) : undefined,
    prometheus: env.PROMETHEUS || undefined,
    gate: gate === 'on',
    scale,
    slack,
  };
}

function readSuites(text: string): SuiteName[] {
  const known = Object.keys(profiles) as SuiteName[];
  if (text === 'all') return known.filter((name) => name !== 'autoscale');
  return text.split(',').map((name) => {
    const suite = known.find((one) => one === name.trim());
    if (suite === undefined) throw new Error(`PROFILE=${name}: there is no such suite; there are ${known.join(', ')}`);
    return suite;
  });
}

/** A load test of somebody else's platform is an attack: another machine is named twice. */
function allowedTarget(target: string, allowed: string | undefined): string {
  if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol)) {
    throw new Error(`TARGET=${target}: give the URL of an upload API, such as http://127.0.0.1:3001`);
  }
  const { hostname } = new URL(target);
  if (LOOPBACK.test(hostname) || allowed === hostname) return target.replace(/\/+$/, '');
  throw new Error(
    `TARGET=${target} is another machine. If it is yours to load, say so with ALLOW_TARGET=${hostname} beside it.`,
  );
}
