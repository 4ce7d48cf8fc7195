/** Data items that are wrong on purpose: named ones and endless ones. For tests only. */
export { namedItems } from './named.ts';
export { growPool, type Seedling } from './pool.ts';
export { sampleBadItems } from './sample.ts';
