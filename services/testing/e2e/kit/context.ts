import type { Built } from './built.ts';
import type { Helm } from './helm.ts';
import type { Images } from './images.ts';
import type { Kubectl } from './kubectl.ts';
import type { Platform } from './platform.ts';

/** What every proof has at hand. */
export interface Context {
  readonly built: Built;
  readonly images: Images;
  readonly helm: Helm;
  /** The namespace of the platform, and that of its operator. */
  readonly kubectl: Kubectl;
  readonly operator: Kubectl;
  readonly platform: Platform;
  /** Directory of the charts. */
  readonly charts: string;
  /** A line while a long proof is under way. */
  readonly say: (line: string) => void;
}

/** One thing that the platform must show on a real cluster. */
export interface Proof {
  readonly title: string;
  /** @returns the facts, for the closing line; throws when it does not hold */
  run(context: Context): Promise<string>;
}

/** A proof that this cluster cannot give; the closing lines repeat why. */
export class LeftOut extends Error {}

/** Name of the release and of its BundlerConfig, and of the operator's release. */
export const PLATFORM = 'trial';
export const OPERATOR = 'bundler-operator';
