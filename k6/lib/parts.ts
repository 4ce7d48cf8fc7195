import { check, sleep } from 'k6';
import http, { type BatchRequest } from 'k6/http';
import { Trend } from 'k6/metrics';
import { describe, slice } from './corpus.ts';
import { settings } from './settings.ts';
import { countAccepted } from './upload.ts';

interface Parts {
  /** Bytes of a part; the last one is what is left. */
  readonly chunkSize: number;
  /** Parts under way at the same time. */
  readonly atOnce: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const duration = new Trend('parts_upload_duration', true);
const TAGS = { kind: 'parts' };
const POLL_SECONDS = 0.5;
const FINALIZE_SECONDS = 900;

/** Sends an item in parts, the last ones first, finalizes it, and follows it to its receipt. */
export async function sendInParts(position: number, { chunkSize, atOnce, headers = {} }: Parts): Promise<void> {
  const { id, byteCount, sizeCategory } = describe(position);
  const begun = Date.now();
  const base = `${settings.target}/v1/chunks/arweave`;
  const params = (name: string) => ({
    headers,
    tags: { ...TAGS, name },
    responseType: 'text' as const,
    timeout: '300s',
  });
  const created = http.get(`${base}/-1/-1?chunkSize=${chunkSize}`, params('GET /v1/chunks'));
  if (!check(created, { 'an upload in parts is opened': ({ status }) => status === 200 })) return;
  const upload = `${base}/${(JSON.parse(created.body) as { id: string }).id}`;
  const offsets = Array.from({ length: Math.ceil(byteCount / chunkSize) }, (_, part) => part * chunkSize).reverse();
  for (let next = 0; next < offsets.length; next += atOnce) {
    const group = offsets.slice(next, next + atOnce);
    const requests: BatchRequest[] = [];
    for (const offset of group) {
      // One after the other: a file has one position.
      const body = await slice(position, offset, Math.min(byteCount, offset + chunkSize));
      const { headers: given, ...rest } = params('POST /v1/chunks/part');
      const partHeaders = { ...given, 'Content-Type': 'application/octet-stream', 'x-chunking-version': '2' };
      requests.push({ method: 'POST', url: `${upload}/${offset}`, body, params: { ...rest, headers: partHeaders } });
    }
    for (const answer of http.batch(requests)) {
      check(answer, { 'a part is stored': ({ status }) => status === 200 });
    }
  }
  const finalized = http.post(`${upload}/finalize`, '', params('POST /v1/chunks/finalize'));
  check(finalized, { 'finalizing is accepted': ({ status }) => status === 200 || status === 202 });
  const receipt = untilFinalized(upload, params('GET /v1/chunks/status'));
  check(receipt, { "the receipt of an upload in parts is this item's": (got) => got?.id === id });
  if (receipt === undefined) return;
  countAccepted();
  duration.add(Date.now() - begun, { ...TAGS, size_category: sizeCategory });
}

function untilFinalized(upload: string, params: object): { id?: string } | undefined {
  for (let waited = 0; waited < FINALIZE_SECONDS; waited += POLL_SECONDS) {
    const answer = http.get(`${upload}/status`, params);
    const { status, receipt } = answer.status === 200 ? (JSON.parse(answer.body as string) as Status) : { status: '' };
    if (status === 'FINALIZED') return receipt;
    if (/INVALID|UNDERFUNDED|FAILED/.test(status)) throw new Error(`the upload in parts ended as ${status}`);
    sleep(POLL_SECONDS);
  }
  return undefined;
}

interface Status {
  readonly status: string;
  readonly receipt?: { readonly id?: string };
}
