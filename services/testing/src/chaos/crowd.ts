import { setTimeout as wait } from 'node:timers/promises';
import type { Receipt } from '@bundler/client';
import { drawSending, type Sending, type SignedItem } from './mixed-items.ts';
import { uploadOnce, uploadUntilReceipt } from './persistent-upload.ts';
import type { Random } from './seeded-random.ts';

/** What became of one item's uploads. */
export interface Sent extends Omit<SignedItem, 'bytes'> {
  readonly sending: Sending;
  /** One for each client that got one. */
  readonly receipts: readonly Receipt[];
}

interface Options {
  readonly items: number;
  /** Clients at the same time. */
  readonly concurrency: number;
  /** Mean time between the starts of two uploads, milliseconds: a crowd comes over a while. */
  readonly everyMs: number;
  readonly urls: readonly string[];
  readonly random: Random;
  readonly make: (sending: Sending) => Promise<SignedItem>;
  /** Called once, when half of the items are on their way. */
  readonly halfway: () => Promise<void>;
}

/** Many clients, each with items of its own; resolves when all have their receipts or gave up. */
export class Crowd {
  readonly sent: Sent[] = [];
  /** Why tries brought no receipt. */
  readonly retries: string[] = [];
  /** Answers of `GET /tx/:id/status` right after a receipt. */
  readonly statuses: number[] = [];
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { items, concurrency, everyMs, halfway } = this.#options;
    const start = performance.now();
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < items) {
        const index = next++;
        await wait(Math.max(0, start + index * everyMs - performance.now()));
        if (index === Math.floor(items / 2)) await halfway();
        await this.#send();
      }
    };
    await Promise.all(Array.from({ length: concurrency }, client));
  }

  async #send(): Promise<void> {
    const { make, random, urls } = this.#options;
    const sending = drawSending(random);
    const { bytes, ...item } = await make(sending);
    const { chunked, copies, impatient } = sending;
    const upload = { urls, random, bytes, chunked, onRetry: (why: string) => void this.retries.push(why) };
    if (impatient) {
      const answer = await uploadOnce(upload);
      if (typeof answer === 'string') this.retries.push(answer);
      this.sent.push({ ...item, sending, receipts: typeof answer === 'object' ? [answer] : [] });
      return;
    }
    const receipts = await Promise.all(Array.from({ length: copies }, () => uploadUntilReceipt(upload)));
    this.sent.push({ ...item, sending, receipts });
    await this.#readStatus(item.id);
  }

  /** From every API: a receipt must be known everywhere. */
  async #readStatus(id: string): Promise<void> {
    for (const url of this.#options.urls) {
      // An API that is down has said nothing wrong.
      const answer = await fetch(`${url}/v1/tx/${id}/status`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer) this.statuses.push(answer.status);
    }
  }
}
