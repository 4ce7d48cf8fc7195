import type { Manifest } from '../render/index.ts';
import type { Course } from '../rollout/machine.ts';
import type { Revision } from '../rollout/revision.ts';
import { type Wave, waveOf, waves } from '../rollout/waves.ts';

/** What is to stand in the cluster now. */
export interface Desired {
  /** In the order in which it is applied. */
  readonly manifests: readonly Manifest[];
  /** False while there are waves of which nothing is known: what stands there is left as it is. */
  readonly complete: boolean;
}

/**
 * The manifests of each wave, from the revision that the wave runs.
 *
 * @param render the manifests of a revision; undefined when it cannot be rendered any more
 */
export function desiredOf(course: Course, render: (revision: Revision) => readonly Manifest[] | undefined): Desired {
  const parts = waves.map((wave) => manifestsOf(wave, course, render));
  return { manifests: parts.flatMap((part) => part ?? []), complete: parts.every((part) => part !== undefined) };
}

function manifestsOf(
  wave: Wave,
  course: Course,
  render: (revision: Revision) => readonly Manifest[] | undefined,
): readonly Manifest[] | undefined {
  const revision = course.revisionOf(wave);
  return revision && render(revision)?.filter((manifest) => waveOf(manifest) === wave);
}

/** A Job runs once, in its wave; at any other time its absence means only that it is done and was cleared away. */
export function isDueNow(manifest: Manifest, { phase, target }: Course): boolean {
  return manifest.kind !== 'Job' || (phase === 'Rolling' && target.attempt.wave === waveOf(manifest));
}
