import { setTimeout as wait } from 'node:timers/promises';

/** Asks every few milliseconds until `condition` holds, and fails after `timeoutMs`, which only a defect needs. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`the condition was not met within ${timeoutMs} ms`);
    await wait(10);
  }
}
