import type { ReceiptFacts, Wallet } from '@bundler/adapters';
import { appendHash, hashBlob, hashListTag, unsaltedPssSigner } from '@bundler/ans104';
import type { Receipt } from '@bundler/contract';
import { BusyPace } from './busy-pace.ts';

/** The version of the receipt format, which its signature covers. */
const VERSION = '0.2.0';
/** What a receipt's signature covers is a list of five values; the first two are always these. */
const SIGNED_VALUES = 5;
const SIGNED_PREFIX = ['Bundlr', VERSION].reduce(appendText, hashListTag(SIGNED_VALUES));

interface Options {
  readonly wallet: Wallet;
  /** Cores that this process may use. */
  readonly cores: number;
  /** Threads of libuv's pool. */
  readonly threads: number;
  readonly dataCaches: readonly string[];
  readonly fastFinalityIndexes: readonly string[];
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/**
 * With one for each core, a core that has made its signature waits until the event loop asks for the next, and to ask wakes
 * a thread that takes the event loop's own core: ADR 43.
 */
const SIGNATURES_PER_CORE = 3;
/** Threads that no signature takes, so that a file sync does not wait behind signatures of 1.5 ms each. */
const THREADS_FOR_FILES = 2;

/** Signatures that a pool of so many threads is asked for at the same time. */
export function signaturesAtOnce(cores: number, threads: number): number {
  return Math.max(1, Math.min(SIGNATURES_PER_CORE * cores, threads - THREADS_FOR_FILES));
}

/** Signs receipts in libuv's thread pool, `signaturesAtOnce`; the others wait here, where they are counted. */
export class ReceiptSigner {
  readonly #options: Options;
  readonly #atOnce: number;
  readonly #signUnsalted: (message: Uint8Array) => Promise<Buffer>;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #coming = 0;
  readonly #pace: BusyPace;

  constructor(options: Options) {
    this.#options = options;
    this.#atOnce = signaturesAtOnce(options.cores, options.threads);
    this.#signUnsalted = unsaltedPssSigner(options.wallet.privateKey);
    this.#pace = new BusyPace(options.now);
  }

  /** Fingerprint of the key, stored with each receipt's facts. */
  get keyFingerprint(): string {
    return this.#options.wallet.address;
  }

  /** How long a signature that is asked for now will take until it is there, milliseconds. */
  get expectedWaitMs(): number {
    return (this.#running + this.#waiting.length) * this.#pace.intervalMs;
  }

  /**
   * The same for an upload that is yet to come in: those of which `beforeSigning` knows will have asked before it does. Under overload
   * dozens can be admitted before the first of them asks.
   */
  get expectedWaitOfNewcomerMs(): number {
    return this.expectedWaitMs + this.#coming * this.#pace.intervalMs;
  }

  /**
   * Does work that is followed by asking for a signature. It must depend on nobody else: a slow client or payment service would
   * keep out those who could be served.
   */
  async beforeSigning<T>(work: () => Promise<T>): Promise<T> {
    this.#coming += 1;
    try {
      return await work();
    } finally {
      this.#coming -= 1;
    }
  }

  /** The receipt for these facts. The salt is empty, so the same facts always give the same receipt. */
  async sign(facts: ReceiptFacts): Promise<Receipt> {
    const { wallet, dataCaches, fastFinalityIndexes } = this.#options;
    const id = facts.id.toString('base64url');
    const message = [id, String(facts.deadlineHeight), String(facts.receivedAt)].reduce(appendText, SIGNED_PREFIX);
    const signature = await this.#inTurn(() => this.#signUnsalted(message));
    return {
      id,
      owner: facts.ownerAddress,
      timestamp: facts.receivedAt,
      winc: facts.winc,
      version: VERSION,
      deadlineHeight: facts.deadlineHeight,
      dataCaches: [...dataCaches],
      fastFinalityIndexes: [...fastFinalityIndexes],
      public: wallet.publicKey,
      signature: signature.toString('base64url'),
    };
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) await new Promise<void>((go) => this.#waiting.push(go));
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#pace.completed(this.#running + this.#waiting.length >= this.#options.cores);
      this.#waiting.shift()?.();
    }
  }
}

/** The deep hash of a list, one text further. */
function appendText(sum: Buffer, text: string): Buffer {
  return appendHash(sum, hashBlob(Buffer.from(text)));
}

/**
 * Measures how many receipts this process can sign a second.
 *
 * @param now milliseconds, monotonic
 */
export async function measureSigningRate(signer: ReceiptSigner, now: () => number): Promise<number> {
  const rounds = 32;
  const facts = { ownerAddress: '', deadlineHeight: 0, winc: '0', receiptKey: '', id: Buffer.alloc(32) };
  const sample = (receivedAt: number): Promise<Receipt> => signer.sign({ ...facts, receivedAt });
  await Promise.all(Array.from({ length: 4 }, (_, index) => sample(index)));
  const start = now();
  await Promise.all(Array.from({ length: rounds }, (_, index) => sample(index)));
  return (rounds * 1000) / (now() - start);
}
