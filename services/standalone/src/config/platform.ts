import {
  overrideFromEnv,
  readSpec,
  type SpecConfig,
  settings,
  type Violation,
  valueAt,
  withValueAt,
} from '@bundler/contract';
import { type Facts, hashOf, LIVE_KEY, type Manifest, render } from '@bundler/operator';
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
  /** Directory of the live settings' file. */
  readonly liveDirectory: string;
  /** The number that this configuration has when it is another one than before. */
  readonly generation: number;
}

export interface Platform {
  readonly config: SpecConfig;
  readonly desired: readonly Desired[];
  /** What the file of live settings holds, for all processes. */
  readonly live: string;
  /** Names this configuration: equal ones run the same processes with the same live settings. */
  readonly hash: string;
}

export type PlatformReading =
  | { readonly platform: Platform; readonly problems?: never }
  | { readonly platform?: never; readonly problems: readonly string[] };

/** From the file and what stands over and under it to the processes to run, or everything that is wrong. */
export function readPlatform(input: PlatformInput): PlatformReading {
  const { document, violations } = readDocument(input.file);
  if (violations.length > 0) return { problems: violations.map(inWords) };
  const overridden = overrideFromEnv(document.spec, input.overrides);
  const { config, violations: wrong } = readSpec(fillIn(overridden.spec, input.fallbacks));
  const all = [...overridden.violations, ...wrong];
  if (all.length > 0) return { problems: all.map(inWords) };
  const { generation } = input;
  const facts = {
    name: document.name,
    namespace: 'default',
    generation,
    image: '',
    platform: platformFacts(input, config),
  };
  const manifests = render(config, facts);
  const desired = manifests.flatMap((manifest) => (manifest.kind === 'Deployment' ? toDesired(manifest) : []));
  const live = manifests.map(liveFile).join('');
  const hash = hashOf({ desired, live: JSON.parse(live).settings }).slice(0, 8);
  return { platform: { config, desired, live, hash } };
}

const liveFile = (manifest: Manifest): string => (manifest.kind === 'ConfigMap' ? (manifest.data[LIVE_KEY] ?? '') : '');

/** What differs between processes, or between what they are told and what is there, is not the user's to give. */
const OWN: readonly string[] = [settings.adminPort.env, settings.liveSettingsFile.env];

function platformFacts(
  { provided: given, overrides, liveDirectory }: PlatformInput,
  { paymentEnabled, paymentPort }: SpecConfig,
): Facts['platform'] {
  const provided: Readonly<Record<string, string>> = paymentEnabled
    ? { ...given, PAYMENT_SERVICE_URL: `http://127.0.0.1:${paymentPort}` }
    : given;
  const names = Object.values(settings).flatMap(({ env, path }) => (path === null ? [env as string] : []));
  const values = names.flatMap((name) => {
    const value = OWN.includes(name) ? undefined : (overrides[name] ?? provided[name]);
    return value === undefined ? [] : [[name, { value }] as const];
  });
  return { env: Object.fromEntries(values), mounts: { live: liveDirectory } };
}

function fillIn(spec: unknown, fallbacks: Readonly<Record<string, string>>): unknown {
  const empty = Object.entries(fallbacks).filter(([path]) => valueAt(spec, path) === undefined);
  return empty.reduce((filled, [path, value]) => withValueAt(filled, path, value), spec);
}

const inWords = ({ setting, message }: Violation): string => `${setting} ${message}`;
