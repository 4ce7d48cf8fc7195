import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { createDataItem, ed25519Signer } from '@bundler/ans104';

const signer = ed25519Signer(randomBytes(32));
const REQUEST_MS = 30_000;

/** Signs an item nobody has seen before, a small one unless it is to be padded to so many bytes. */
export function newItem(payloadBytes = 0): Promise<Buffer> {
  const tags = [{ name: 'Content-Type', value: 'text/plain' }];
  const data = Buffer.from(`e2e ${randomBytes(24).toString('hex')}`.padEnd(payloadBytes));
  return createDataItem({ signer, tags, data });
}

/** One upload, tried once. @returns the receipt's id @throws Error with the status of a refusal */
export async function uploadOnce(url: string, item: Buffer): Promise<string> {
  const answer = await fetch(`${url}/v1/tx`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(item),
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  if (!answer.ok) throw new Error(`POST /v1/tx answered ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
  return ((await answer.json()) as { id: string }).id;
}

/** Uploads one item after another, and remembers how that went. */
export class Traffic {
  readonly ids: string[] = [];
  readonly failures: string[] = [];
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;

  /** @param everyMs pause between two uploads */
  constructor(url: string, everyMs: number) {
    this.#running = this.#run(url, everyMs);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(url: string, everyMs: number): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        this.ids.push(await uploadOnce(url, await newItem()));
      } catch (error) {
        const { message, cause } = error as Error;
        const why = cause instanceof Error ? `: ${cause.message}` : '';
        this.failures.push(`${new Date().toISOString()} ${message}${why}`);
      }
      await wait(everyMs);
    }
  }
}
