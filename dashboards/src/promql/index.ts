export * from './functions.ts';
export * from './matchers.ts';
export * from './select.ts';
export * from './target-labels.ts';
export * from './vector.ts';
