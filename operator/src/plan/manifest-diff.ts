import { type Difference, differences } from './differences.ts';

/** An object of a render, as far as a plan looks. */
export interface Rendered {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

export interface ObjectChange {
  /** Such as `Deployment/prod-upload`. */
  readonly object: string;
  readonly differences: readonly Difference[];
}

/** What one render has that another has not. */
export interface ManifestDiff {
  readonly adds: readonly string[];
  readonly changes: readonly ObjectChange[];
  readonly deletes: readonly string[];
}

/** Compares what runs with what would run. */
export function diffManifests(before: readonly Rendered[], after: readonly Rendered[]): ManifestDiff {
  const [old, now] = [byIdentity(before), byIdentity(after)];
  const changes = [...now].flatMap(([object, manifest]) => {
    const was = old.get(object);
    const found = was ? differences(was, manifest) : [];
    return found.length > 0 ? [{ object, differences: found }] : [];
  });
  return {
    adds: [...now.keys()].filter((object) => !old.has(object)),
    changes,
    deletes: [...old.keys()].filter((object) => !now.has(object)),
  };
}

/** How a plan names an object. */
export const identityOf = ({ kind, metadata }: Rendered): string => `${kind}/${metadata.name}`;

const byIdentity = <T extends Rendered>(manifests: readonly T[]): Map<string, T> =>
  new Map(manifests.map((manifest) => [identityOf(manifest), manifest]));
