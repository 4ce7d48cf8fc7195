import type { StageContext } from './stage.ts';

/** Wakes those who post to the optical bridges. What is to be posted stands in rows. */
export async function tellBridges({ config, jobs }: StageContext): Promise<void> {
  for (const bridge of config.opticalBridgeUrls) await jobs.add('opticalPost', { bridge });
}
