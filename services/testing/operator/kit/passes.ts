import { until } from '../../src/until.ts';
import type { RunningOperator } from './stage.ts';

/** Waits until so many reconciliations have ended, from now on. */
export async function passes({ metrics }: RunningOperator, count: number): Promise<void> {
  const done = async (): Promise<number> => {
    const { values } = await metrics.reconciles.get();
    return values
      .filter(({ metricName, labels }) => metricName?.endsWith('_count') && labels.queue === 'reconcile')
      .reduce((sum, { value }) => sum + value, 0);
  };
  const before = await done();
  await until(async () => (await done()) >= before + count);
}
