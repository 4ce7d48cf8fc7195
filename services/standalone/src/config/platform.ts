import {
  overrideFromEnv,
  readSpec,
  type SpecConfig,
  settings,
  type Violation,
  valueAt,
  withValueAt,
} from '@bundler/contract';
import { type Facts, hashOf, render } from '@bundler/operator';
import { type Desired, toDesired } from '../supervisor/index.ts';
import { readDocument } from './document.ts';

export interface PlatformInput {
  /** Text of the BundlerConfig file. */
  readonly file: string;
  /** Settings from the environment and `.env`; they win over the file. */
  readonly overrides: Readonly<Record<string, string>>;
  /** What the machine provides: values of settings without a place in the spec, by variable. */
  readonly provided: Readonly<Record<string, string>>;
  /** Values for places of the spec that nobody has filled, by path. */
  readonly fallbacks: Readonly<Record<string, string>>;
}

export interface Platform {
  readonly config: SpecConfig;
  readonly desired: readonly Desired[];
  /** Names this configuration: equal ones run the same processes. */
  readonly hash: string;
}

export type PlatformReading =
  | { readonly platform: Platform; readonly problems?: never }
  | { readonly platform?: never; readonly problems: readonly string[] };

/** From the file and what stands over and under it to the processes to run, or everything that is wrong. */
export function readPlatform({ file, overrides, provided, fallbacks }: PlatformInput): PlatformReading {
  const { document, violations } = readDocument(file);
  if (violations.length > 0) return { problems: violations.map(inWords) };
  const overridden = overrideFromEnv(document.spec, overrides);
  const { config, violations: wrong } = readSpec(fillIn(overridden.spec, fallbacks));
  const all = [...overridden.violations, ...wrong];
  if (all.length > 0) return { problems: all.map(inWords) };
  const facts = {
    name: document.name,
    namespace: 'default',
    generation: 1,
    image: '',
    platform: platformFacts(provided, overrides),
  };
  const desired = render(config, facts).flatMap((manifest) =>
    manifest.kind === 'Deployment' ? toDesired(manifest) : [],
  );
  return { platform: { config, desired, hash: hashOf(desired).slice(0, 8) } };
}

/** Every process gets an admin port of its own, so that variable is not the user's to give. */
function platformFacts(
  provided: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string>>,
): Facts['platform'] {
  const names = Object.values(settings).flatMap(({ env, path }) => (path === null ? [env as string] : []));
  const values = names.flatMap((name) => {
    const value = name === settings.adminPort.env ? undefined : (overrides[name] ?? provided[name]);
    return value === undefined ? [] : [[name, { value }] as const];
  });
  return { env: Object.fromEntries(values), mounts: { live: '' } };
}

function fillIn(spec: unknown, fallbacks: Readonly<Record<string, string>>): unknown {
  const empty = Object.entries(fallbacks).filter(([path]) => valueAt(spec, path) === undefined);
  return empty.reduce((filled, [path, value]) => withValueAt(filled, path, value), spec);
}

const inWords = ({ setting, message }: Violation): string => `${setting} ${message}`;
