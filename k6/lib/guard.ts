import { Counter } from 'k6/metrics';

/** k6 writes a line about an iteration that throws and goes on as if nothing was: a suite could pass that never sent anything. */
const broken = new Counter('broken_iterations');

export const nothingBroken = { broken_iterations: ['count==0'] };

/** An iteration whose error is counted, so that it fails its suite. */
export function guarded(iteration: () => Promise<void> | void): () => Promise<void> {
  return async () => {
    try {
      await iteration();
    } catch (error) {
      broken.add(1);
      throw error;
    }
  };
}
