import type { Size } from '@bundler/k6/profiles';
import type { Assertion } from '../gate/assertion.ts';

/** What the database and the gateway are asked once the load is over; only a platform that the runner started can be. */
export type Aftermath = 'all-permanent' | 'planned-from-a-pause';

/** One suite, as far as it is not k6's: the platform it needs, and what must hold on the server's side. */
export interface Suite {
  /** What a run that passes shows, and of which line of the scale plan. */
  readonly proves: string;
  /**
   * `any`: it may run against a platform that is there; `own`: it needs one that the runner started, whose payment service hangs or
   * whose workers it kills; `cluster`: it needs a platform elsewhere, and a Prometheus that scrapes it.
   */
  readonly platform: 'any' | 'own' | 'cluster';
  /** Settings over those of every load run. */
  readonly settings?: (size: Size) => Readonly<Record<string, string>>;
  readonly gate: readonly Assertion[];
  /** Figures that are shown and not judged: PromQL by name. */
  readonly observe?: Readonly<Record<string, string>>;
  readonly aftermath?: Aftermath;
  /** The load stops by itself when a threshold is crossed, and that is what is looked for. */
  readonly stopsAtThreshold?: boolean;
}
