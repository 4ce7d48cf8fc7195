import type { Logger } from './log.ts';

interface Step {
  readonly name: string;
  readonly stop: () => Promise<unknown>;
}

/**
 * What a process has opened, closed in reverse order. Each step has a time limit of its own, so that one that
 * hangs cannot keep the others from closing.
 */
export class Lifecycle {
  readonly #steps: Step[] = [];
  readonly #logger: Logger;
  #stopping: Promise<void> | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Registers what closes something; returns the thing, so that opening and closing stand together. */
  add<T>(name: string, thing: T, stop: (thing: T) => Promise<unknown>): T {
    this.#steps.push({ name, stop: () => stop(thing) });
    return thing;
  }

  /** Closes everything, last opened first. Later calls wait for the first. */
  stop(stepTimeoutMs: number): Promise<void> {
    this.#stopping ??= this.#stop(stepTimeoutMs);
    return this.#stopping;
  }

  async #stop(stepTimeoutMs: number): Promise<void> {
    for (const step of this.#steps.reverse()) {
      try {
        await withTimeout(step.stop(), stepTimeoutMs, `${step.name} did not stop within ${stepTimeoutMs} ms`);
      } catch (error) {
        this.#logger.error({ err: error, step: step.name }, 'stopping failed');
      }
    }
  }
}

/** Resolves as `promise` does, or rejects with `message` after `ms` milliseconds. */
export async function withTimeout<T>(promise: Promise<T>, ms: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(message)), ms);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs a process until it is told to stop: SIGTERM and SIGINT stop it gracefully with exit code 0. An error that
 * nobody handled ends it at once with 1: a process in an unknown state must not go on, and nothing that was promised
 * is only in its memory.
 */
export function runUntilSignalled(logger: Logger, stop: () => Promise<void>): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      logger.info({ signal }, 'stopping');
      void stop().then(() => process.exit(0));
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.once(event, (error: unknown) => {
      logger.fatal({ err: error }, event);
      process.exit(1);
    });
  }
}
