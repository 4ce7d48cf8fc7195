import { objectives } from '../objectives.ts';

/** Labels that several metrics share. */
export const sizeCategories = Object.keys(objectives.uploadLatency);
export const queueLabel = 'the names of the queues, see queues.md';
