import { parentPort } from 'node:worker_threads';
import { runChecks } from './secp256k1-batch.ts';

parentPort?.on('message', (packed: Uint8Array) => parentPort?.postMessage(runChecks(packed)));
