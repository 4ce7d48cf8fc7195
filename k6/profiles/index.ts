import { autoscale } from './autoscale.ts';
import { breaker } from './breaker.ts';
import { concurrent50 } from './concurrent-50.ts';
import { exactlyOnce } from './exactly-once.ts';
import { knee } from './knee.ts';
import { large } from './large.ts';
import { oversized } from './oversized.ts';
import { planBurst } from './plan-burst.ts';
import type { Load, Profile } from './profile.ts';
import { rateLimit } from './rate-limit.ts';
import { smoke } from './smoke.ts';
import { soak } from './soak.ts';
import { spike } from './spike.ts';
import { stress } from './stress.ts';
import { throughput } from './throughput.ts';

export { itemsOf, type Load, type Profile, type Size } from './profile.ts';

/** The load of every suite. */
export const profiles = {
  smoke,
  'concurrent-50': concurrent50,
  'throughput-50': throughput(50),
  'throughput-100': throughput(100),
  'throughput-200': throughput(200),
  knee,
  spike,
  stress,
  soak,
  large,
  'rate-limit': rateLimit,
  breaker,
  'plan-burst': planBurst,
  'exactly-once': exactlyOnce,
  oversized,
  autoscale,
} as const satisfies Record<string, (load: Load) => Profile>;

export type SuiteName = keyof typeof profiles;

/** The suites that may run against a platform that is there: they change no setting of it, and kill and hang nothing. */
export const remoteSuites = [
  'smoke',
  'concurrent-50',
  'throughput-50',
  'throughput-100',
  'throughput-200',
  'knee',
  'spike',
  'stress',
  'soak',
  'large',
  'autoscale',
] as const satisfies readonly SuiteName[];
