import type { DeploymentStatus, ProcessStatus } from '../supervisor/index.ts';

export type PartPhase = 'waiting' | 'starting' | 'ready' | 'restarting' | 'done' | 'failed' | 'stopping';

/** A backing service, or a step of the start. */
export interface PartStatus {
  readonly name: string;
  readonly phase: PartPhase;
  readonly detail: string;
  readonly pid: number | undefined;
  readonly restarts: number;
}

/** What the supervisor lets others know, as it stands in the state file. */
export interface State {
  readonly supervisor: { readonly pid: number; readonly identity: string };
  readonly startedAt: string;
  readonly parts: readonly PartStatus[];
  readonly deployments: readonly DeploymentStatus[];
  readonly processes: readonly ProcessStatus[];
  /** How often the configuration has been read, so that who asked for it sees when it is done. */
  readonly readings: number;
  /** The configuration in effect. */
  readonly revision?: { readonly number: number; readonly hash: string; readonly since: string } | undefined;
  /** Names of the settings that the environment or `.env` puts over the file. */
  readonly overridden: readonly string[];
  /** The configuration that was read last and could not be used. */
  readonly refusal?: { readonly at: string; readonly problems: readonly string[] } | undefined;
  /** Why the start was given up. */
  readonly failure?: { readonly part: string; readonly message: string } | undefined;
  readonly urls: {
    readonly upload?: string;
    readonly payment?: string;
    readonly admin?: string;
    readonly gateway: string;
  };
  /** Confirmations after which a bundle is permanent. */
  readonly confirmations?: number | undefined;
}

/** Whether everything that should run does, in the version asked for. */
export function isReady({ parts, deployments }: Pick<State, 'parts' | 'deployments'>): boolean {
  return (
    deployments.length > 0 &&
    parts.every(({ phase }) => phase === 'ready' || phase === 'done') &&
    deployments.every(({ ready, replicas, refused }) => ready === replicas || refused !== undefined)
  );
}
