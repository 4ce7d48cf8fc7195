import { check } from 'k6';
import http, { type RefinedResponse } from 'k6/http';
import { Counter } from 'k6/metrics';
import type { Item } from './corpus.ts';
import { settings } from './settings.ts';

export type Answer = RefinedResponse<'text'>;

interface Sending {
  /** Statuses that are no failure, beside 200. */
  readonly expected?: readonly number[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly timeout?: string;
}

/** Uploads by what came of them, as the client saw it; the gate compares them with what the server says. */
const accepted = new Counter('uploads_accepted');
const limited = new Counter('uploads_limited');
const shed = new Counter('uploads_shed');

/** Thresholds look at these requests alone: not at health checks, and not at what is said to the runner. */
export const UPLOAD = { kind: 'upload' };
const OCTETS = { 'Content-Type': 'application/octet-stream' };

/** Sends an item by one POST, counts what came of it, and checks that a receipt is this item's. */
export function send(item: Item, { expected = [], headers = {}, tags = {}, timeout = '60s' }: Sending = {}): Answer {
  const answer = http.post(`${settings.target}/v1/tx`, item.body, {
    headers: { ...OCTETS, ...headers },
    tags: { ...UPLOAD, name: 'POST /v1/tx', size_category: item.sizeCategory, sig_type: item.signature, ...tags },
    responseCallback: http.expectedStatuses(200, ...expected),
    responseType: 'text',
    timeout,
  });
  count(answer.status);
  check(answer, {
    'the answer is a receipt, or an expected refusal': ({ status }) => status === 200 || expected.includes(status),
  });
  if (answer.status === 200) check(answer, { "the receipt is this item's": (good) => receiptId(good) === item.id });
  return answer;
}

function count(status: number): void {
  if (status === 200) accepted.add(1);
  else if (status === 429) limited.add(1);
  else if (status === 503) shed.add(1);
}

/** The id that a receipt names; undefined when the body is none. */
export function receiptId({ body }: Answer): string | undefined {
  try {
    return (JSON.parse(body) as { id?: string }).id;
  } catch {
    return undefined;
  }
}

/** Counts an upload in parts, whose receipt comes by another way. */
export function countAccepted(): void {
  accepted.add(1);
}
