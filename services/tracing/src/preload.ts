/**
 * `node --import @bundler/tracing/preload <main.ts>`: puts what traces into a process before anything that is to be
 * traced is loaded. A process that is started without it has none of it.
 */
import { isMainThread } from 'node:worker_threads';

// Threads inherit the arguments of their process; those of ours compute, and have nothing to trace.
if (isMainThread) await import('./install.ts');
