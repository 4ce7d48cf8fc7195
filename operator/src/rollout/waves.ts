import type { Manifest } from '../render/index.ts';

/**
 * The order in which a new revision reaches the cluster: what pods need, the schemas, who works, who accepts. Workers and the
 * payment service come before the upload API, so that nothing is accepted that only a newer one could finish.
 */
export const waves = ['Base', 'Migrations', 'Workers', 'UploadApi'] as const;
export type Wave = (typeof waves)[number];

/** The wave that an object belongs to, by its kind and component label. What belongs to no program comes first. */
export function waveOf({ kind, metadata }: Pick<Manifest, 'kind' | 'metadata'>): Wave {
  if ((kind as string) === 'Job') return 'Migrations';
  const component = metadata.labels['app.kubernetes.io/component'] ?? '';
  if (component === 'upload' || component === 'admin') return 'UploadApi';
  return component.startsWith('workers') || component === 'payment' ? 'Workers' : 'Base';
}

/** Whether a rollout that has come as far as `reached` includes `wave`. */
export function includes(reached: Wave, wave: Wave): boolean {
  return waves.indexOf(wave) <= waves.indexOf(reached);
}

/** The wave after this one; undefined after the last. */
export function nextWave(wave: Wave): Wave | undefined {
  return waves[waves.indexOf(wave) + 1];
}

export const LAST_WAVE: Wave = 'UploadApi';
