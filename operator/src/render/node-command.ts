import type { SpecConfig } from '@bundler/contract';

/** What traces a process. It must be there before anything that it follows is loaded. */
export const TRACING_PRELOAD = '@bundler/tracing/preload';

/** The command that runs a script. A process that is not traced loads nothing of what would trace it. */
export function nodeCommand({ tracingEnabled }: SpecConfig, script: string, ...args: string[]): readonly string[] {
  return ['node', ...(tracingEnabled ? ['--import', TRACING_PRELOAD] : []), script, ...args];
}
