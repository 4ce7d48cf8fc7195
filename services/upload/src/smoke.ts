import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createDataItem, ed25519Signer } from '@bundler/ans104';
import type { ItemStatus, Receipt } from '@bundler/contract';

/**
 * Tries an installed platform from inside its cluster: uploads an item of some bytes, signed with a key of its own, and
 * follows it until it is accepted or, with `--until permanent`, permanent. Ends with 1 and the reason when it does not.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    until: { type: 'string', default: 'accepted' },
    'timeout-seconds': { type: 'string', default: '300' },
  },
});
const [url = 'http://127.0.0.1:3001'] = positionals;
const deadline = performance.now() + Number(values['timeout-seconds']) * 1000;
const PAUSE_MS = 1000;

/** What went wrong for good; everything else is tried again until the time is up. */
class Refused extends Error {}

async function ask<Answer>(path: string, request: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(new URL(path, url), { ...request, signal: AbortSignal.timeout(30_000) });
  if (answer.ok) return (await answer.json()) as Answer;
  const message = `${request.method ?? 'GET'} ${path} answered ${answer.status}: ${await answer.text()}`;
  throw answer.status >= 500 || answer.status === 429 ? new Error(message) : new Refused(message);
}

/** A new pod's Service may not lead anywhere yet, and a busy platform may ask to come again. */
async function patiently<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Refused || performance.now() > deadline) throw error;
      await wait(PAUSE_MS);
    }
  }
}

const tags = [{ name: 'Content-Type', value: 'text/plain' }];
const data = Buffer.from(`A test of this platform at ${new Date().toISOString()}\n`);
const item = await createDataItem({ signer: ed25519Signer(randomBytes(32)), tags, data });
const headers = { 'content-type': 'application/octet-stream' };
const receipt = await patiently(() => ask<Receipt>('/v1/tx', { method: 'POST', headers, body: new Uint8Array(item) }));
console.log(`accepted: ${receipt.id}, on chain by height ${receipt.deadlineHeight}`);

for (let seen = ''; ; await wait(PAUSE_MS)) {
  const { status, info, reason } = await patiently(() => ask<ItemStatus>(`/v1/tx/${receipt.id}/status`));
  if (info !== seen) console.log(`${status}: ${info}`);
  seen = info;
  if (info === 'failed') throw new Refused(`the item failed: ${reason}`);
  if (info === 'permanent' || values.until === 'accepted') break;
  if (performance.now() > deadline) throw new Error(`the item is still ${info}; the time is up`);
}
