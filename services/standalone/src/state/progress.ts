import type { State } from './state.ts';

/**
 * The lines of a start, one for each part: what it is doing until it is ready. Empty for a part about which there is
 * nothing to say yet.
 */
export function progressLines({ parts, deployments }: Pick<State, 'parts' | 'deployments'>): Map<string, string> {
  const lines = new Map<string, string>();
  for (const { name, phase, detail } of parts) {
    if (phase === 'ready' || phase === 'done') lines.set(name, phase);
    else if (phase !== 'waiting') lines.set(name, detail === '' ? phase : `${phase}: ${detail}`);
  }
  for (const { name, replicas, ready } of deployments) {
    lines.set(name, ready === replicas ? `ready (${replicas} processes)` : `starting (${ready} of ${replicas} ready)`);
  }
  return lines;
}
