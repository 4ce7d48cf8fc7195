/** The boards, by what stands behind `bundler-` in their uid. */
export const boardNames = ['overview', 'upload', 'queues', 'bundles', 'stores', 'cost', 'slos', 'operator'] as const;
export type BoardName = (typeof boardNames)[number];
