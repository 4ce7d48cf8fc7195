import { platformOf } from './platform-of.ts';

/** One package of a lock file, as npm writes it (lockfileVersion 3); what is not read here is left as it is. */
export interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly dev?: boolean;
  readonly [field: string]: unknown;
}

/** From the folder of a package, such as `node_modules/jest`, to the package; the root is ''. */
export type LockedPackages = Readonly<Record<string, LockedPackage>>;

export interface Stubs {
  /** Entries that the lock file lacks. */
  readonly added: LockedPackages;
  /** Optional packages that are missing although their names are of no platform, as `parent needs name@range`. */
  readonly unknown: readonly string[];
}

/**
 * Finds the optional platform packages that a lock file does not list. npm leaves out those that a registry does
 * not have, and `npm ci` (npm 11) then refuses the lock. A stub has a version and a platform and no integrity:
 * npm never fetches it where it does not run.
 */
export function missingStubs(packages: LockedPackages): Stubs {
  const added: Record<string, LockedPackage> = {};
  const unknown: string[] = [];
  for (const [folder, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(optionalDependencies)) {
      if (isFound(packages, folder, name)) continue;
      const platform = platformOf(name);
      if (platform === undefined) {
        unknown.push(`${folder || 'the root'} needs ${name}@${range}`);
        continue;
      }
      const version = range.replace(/^[\^~]/, '');
      const { cpu, libc, os } = platform;
      const at = placeFor(added, folder, name, version);
      // In the order in which npm writes the fields, so that its next run changes nothing.
      added[at] = defined({ version, cpu, dev: dev === true ? true : undefined, libc, optional: true, os });
    }
  }
  return { added, unknown };
}

/** The lock file's packages with more entries, in npm's order. */
export function withStubs(packages: LockedPackages, added: LockedPackages): LockedPackages {
  const all = Object.entries({ ...packages, ...added });
  return Object.fromEntries(all.toSorted(([a], [b]) => a.localeCompare(b, 'en')));
}

/** Node's rule: a package is looked for beside the one that needs it, and then in each folder further up. */
function isFound(packages: LockedPackages, folder: string, name: string): boolean {
  for (let at = folder; ; at = parentOf(at)) {
    if (join(at, name) in packages) return true;
    if (at === '') return false;
  }
}

function parentOf(folder: string): string {
  const start = folder.lastIndexOf('node_modules/');
  return start <= 0 ? '' : folder.slice(0, start - 1);
}

const join = (folder: string, name: string): string => `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;

/** At the root, unless another version is there already. */
function placeFor(added: LockedPackages, folder: string, name: string, version: string): string {
  const atRoot = added[join('', name)];
  return atRoot === undefined || atRoot['version'] === version ? join('', name) : join(folder, name);
}

function defined(fields: Record<string, unknown>): LockedPackage {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
