import { Worker } from 'node:worker_threads';
import { isPackable, packChecks, type Secp256k1Check } from './secp256k1-batch.ts';

interface Waiting {
  check: Secp256k1Check;
  resolve: (valid: boolean) => void;
  reject: (error: Error) => void;
}

/**
 * One thread that checks the signatures of Ethereum, as the library has no asynchronous call.
 *
 * What waits while the thread is busy goes to it in one message. Measured CPU of the event loop per check, Node 24:
 * 45 µs on the loop itself; with the thread 22 at one check at a time, 11 at four, 2.6 at sixteen, 1.0 at fifty.
 * One thread makes about 20,000 checks a second, more than one process can accept items, so there is no pool.
 *
 * The thread starts with the first check and keeps the process alive only while checks are under way.
 */
export class Secp256k1Thread {
  readonly #script: URL;
  #worker: Worker | undefined;
  #sent: Waiting[] = [];
  #queued: Waiting[] = [];

  constructor(script = new URL('./secp256k1-worker.ts', import.meta.url)) {
    this.#script = script;
  }

  /** Whether the signature is valid; rejects when the thread died or was closed under it. */
  verify(check: Secp256k1Check): Promise<boolean> {
    if (!isPackable(check)) return Promise.resolve(false);
    return new Promise((resolve, reject) => {
      this.#queued.push({ check, resolve, reject });
      if (this.#sent.length === 0) this.#send();
    });
  }

  /** Ends the thread; a later check starts another. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#fail(new Error('the thread that checks secp256k1 signatures was closed'));
    await worker?.terminate();
  }

  #send(): void {
    const worker = (this.#worker ??= this.#start());
    this.#sent = this.#queued;
    this.#queued = [];
    worker.ref();
    worker.postMessage(packChecks(this.#sent.map((waiting) => waiting.check)));
  }

  #start(): Worker {
    const worker = new Worker(this.#script);
    const fail = (error: Error): void => {
      if (this.#worker === worker) this.#fail(error);
    };
    worker.on('message', (results: Uint8Array) => this.#settle(worker, results));
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`the thread that checks secp256k1 signatures ended with code ${code}`)));
    return worker;
  }

  #settle(worker: Worker, results: Uint8Array): void {
    if (this.#worker !== worker) return;
    const settled = this.#sent;
    this.#sent = [];
    if (this.#queued.length > 0) this.#send();
    else worker.unref();
    for (const [index, waiting] of settled.entries()) waiting.resolve(results[index] === 1);
  }

  #fail(error: Error): void {
    const waiting = [...this.#sent, ...this.#queued];
    this.#worker = undefined;
    this.#sent = [];
    this.#queued = [];
    for (const { reject } of waiting) reject(error);
  }
}
