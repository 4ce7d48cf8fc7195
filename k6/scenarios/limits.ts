import { check, sleep } from 'k6';
import http from 'k6/http';
import { itemAt, slice } from '../lib/corpus.ts';
import { guarded } from '../lib/guard.ts';
import { settings } from '../lib/settings.ts';
import { nextItem } from '../lib/suite.ts';
import { type Answer, send } from '../lib/upload.ts';
import { saysWhen } from './uploads.ts';

const REQUESTS = 110;
const ALLOWED = 100;
const PARTS = 20;

/** 110 uploads of one address, then what the plan's third test asks: 100 pass, 10 do not, and later one passes again. */
export const limitedAddress = guarded(async () => {
  const headers = from(settings.clientAddress);
  const answers: Answer[] = [];
  for (let sent = 0; sent < REQUESTS; sent += 1) {
    answers.push(send(await itemAt(nextItem(REQUESTS) + sent), { headers, expected: [429] }));
  }
  const refused = answers.filter(({ status }) => status === 429);
  check(answers, {
    'the first 100 uploads of an address pass': (all) => all.slice(0, ALLOWED).every(({ status }) => status === 200),
    'the next 10 do not': () => refused.length === REQUESTS - ALLOWED && answers.at(-1)?.status === 429,
    'every answer tells the limit': (all) =>
      all.every(({ headers }) => headers['Rate-Limit-Total'] === String(ALLOWED)),
    'what remains counts down to nothing': (all) =>
      remaining(all[0]!) > remaining(all[50]!) && remaining(all[99]!) === 0,
    'who is refused is told when to come again': () => refused.every(saysWhen),
  });
  check(ask('/health', headers), { 'health is free, whoever asks': ({ status }) => status === 200 });
  check(ask('/v1/info', headers), { 'other routes count too': ({ status }) => status === 429 });
  sleep(Math.max(...refused.map(({ headers }) => Number(headers['Retry-After']))) + 1);
  check(ask('/v1/info', headers), { 'after the window it passes again': ({ status }) => status === 200 });
});

/** More uploads than an address may send, by the holder of a key. */
export const keyHolder = guarded(async () => {
  const headers = { ...from('203.0.113.250'), Authorization: `Bearer ${settings.apiKey}` };
  const statuses: number[] = [];
  for (let sent = 0; sent < 120; sent += 1) statuses.push(send(await itemAt(nextItem(120) + sent), { headers }).status);
  check(statuses, { 'a key lets 120 through': (all) => all.every((status) => status === 200) });
});

/** The parts of an upload that is open are not counted: 1 GiB would be two hundred of them. */
export const partsAreFree = guarded(async () => {
  const headers = from('203.0.113.251');
  const base = `${settings.target}/v1/chunks/arweave`;
  const created = ask('/v1/chunks/arweave/-1/-1?chunkSize=25000000', headers);
  const { id } = JSON.parse(created.body) as { id: string };
  const body = await slice(nextItem(), 0, 100);
  for (let sent = 0; sent < PARTS; sent += 1) {
    const params = { headers: { ...headers, 'Content-Type': 'application/octet-stream' }, tags: { kind: 'part' } };
    check(http.post(`${base}/${id}/0`, body, params), { 'a part passes': ({ status }) => status === 200 });
  }
  const left = remaining(ask('/v1/info', headers));
  check(left, { 'twenty parts cost nothing': (left) => left >= ALLOWED - 3 });
});

const from = (address: string): Record<string, string> => ({ 'X-Forwarded-For': address });
const remaining = ({ headers }: Answer): number => Number(headers['Rate-Limit-Remaining']);

function ask(path: string, headers: Record<string, string>): Answer {
  const responseCallback = http.expectedStatuses(200, 429);
  return http.get(settings.target + path, { headers, responseCallback, responseType: 'text', tags: { kind: 'route' } });
}
