export * from './blocklist.ts';
