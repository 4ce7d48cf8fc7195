export * from './connection.ts';
export * from './errors.ts';
export * from './fenced.ts';
export * from './list-all.ts';
export * from './objects.ts';
export * from './resources.ts';
export * from './rest.ts';
