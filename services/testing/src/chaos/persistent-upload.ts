import { setTimeout as wait } from 'node:timers/promises';
import type { Receipt } from '@bundler/client';
import { pick, type Random } from './seeded-random.ts';

/** A client that never got a receipt in this time has met a defect, milliseconds. */
const GIVE_UP_MS = 120_000;
/** Pieces of a body without Content-Length, and the pause between two: kills meet uploads half way. */
const PIECE_BYTES = 16 * 1024;
const PIECE_PAUSE_MS = 20;

/** What the platform must never answer to a good item. */
export class Refused extends Error {}

export interface Try {
  readonly urls: readonly string[];
  readonly random: Random;
  readonly bytes: Buffer;
  readonly chunked: boolean;
  /** Told of each try that brought no receipt. */
  readonly onRetry: (why: string) => void;
}

/**
 * Sends a signed item to one API after another until it has a receipt, whatever breaks meanwhile.
 *
 * @throws Refused for an answer that no repetition would change
 */
export async function uploadUntilReceipt(upload: Try): Promise<Receipt> {
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    const answer = await uploadOnce(upload);
    if (typeof answer === 'object') return answer;
    upload.onRetry(answer);
    if (performance.now() > deadline) throw new Error(`no receipt within ${GIVE_UP_MS} ms, last: ${answer}`);
    await wait(50 + 150 * upload.random());
  }
}

/** One try. @returns the receipt, or why there is none: `503`, or the error of the connection */
export async function uploadOnce({ urls, random, bytes, chunked }: Try): Promise<Receipt | string> {
  try {
    const answer = await fetch(`${pick(random, urls)}/v1/tx`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: chunked ? slowly(bytes) : new Uint8Array(bytes),
      duplex: 'half',
    } as RequestInit);
    const text = await answer.text();
    if (answer.status === 200) return JSON.parse(text) as Receipt;
    if (answer.status < 500) throw new Refused(`${answer.status} ${text}`);
    return `${answer.status} ${text}`;
  } catch (error) {
    if (error instanceof Refused) throw error;
    return (error as { cause?: { code?: string } }).cause?.code ?? String(error);
  }
}

function slowly(bytes: Buffer): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent > 0) await wait(PIECE_PAUSE_MS);
      controller.enqueue(new Uint8Array(bytes.subarray(sent, sent + PIECE_BYTES)));
      sent += PIECE_BYTES;
      if (sent >= bytes.length) controller.close();
    },
  });
}
