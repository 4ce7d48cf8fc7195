import { setTimeout as wait } from 'node:timers/promises';
import type { MultipartStatus } from '@bundler/contract';
import { MultipartClient } from './multipart-client.ts';

/** A client that was not served in this time has met a defect, milliseconds. */
const GIVE_UP_MS = 120_000;
const PAUSE_MS = 100;

/** What the platform must never answer to a client that does everything right. */
class Refused extends Error {}

/**
 * Uploads an item in parts through the first API that answers, as patient clients do: what broke off is sent again, and
 * what the service says to have is not.
 *
 * @returns the outcome, and how often it had to ask again
 */
export async function uploadPatiently(
  urls: readonly string[],
  bytes: Buffer,
  chunkSize: number,
): Promise<{ status: MultipartStatus; retries: number }> {
  const deadline = performance.now() + GIVE_UP_MS;
  const clients = urls.map((url) => new MultipartClient(url));
  let turn = 0;
  let retries = 0;
  const persist = async (ask: (client: MultipartClient) => Promise<Response>): Promise<Response> => {
    for (;;) {
      turn += 1;
      const answer = await ask(clients[turn % clients.length]!).catch(() => undefined);
      if (answer?.ok) return answer;
      const text = await answer?.text().catch(() => '');
      if (answer && answer.status < 500) throw new Refused(`${answer.status} ${text}`);
      if (performance.now() > deadline)
        throw new Error(`not served within ${GIVE_UP_MS} ms: ${answer?.status} ${text}`);
      retries += 1;
      await wait(PAUSE_MS);
    }
  };
  const { id } = await read<{ id: string }>(() => persist((client) => client.create(chunkSize)));
  for (let offset = 0; offset < bytes.length; offset += chunkSize) {
    const part = bytes.subarray(offset, offset + chunkSize);
    await (await persist((client) => client.send(id, offset, part))).text();
  }
  await (await persist((client) => client.finalize(id))).text();
  for (;;) {
    const status = await read<MultipartStatus>(() => persist((client) => client.status(id)));
    if (!['VALIDATING', 'FINALIZING'].includes(status.status)) return { status, retries };
    if (performance.now() > deadline) throw new Error(`still ${status.status} after ${GIVE_UP_MS} ms`);
    await wait(PAUSE_MS);
  }
}

/** The answer may break off after its head, too. */
async function read<T>(ask: () => Promise<Response>): Promise<T> {
  for (;;) {
    const value = await (await ask()).json().catch(() => undefined);
    if (value !== undefined) return value as T;
  }
}
