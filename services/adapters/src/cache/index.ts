export * from './cached-reader.ts';
export * from './object-cache.ts';
