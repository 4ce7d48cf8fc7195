import { decodeBase64Url, isId } from '../base64url.ts';
import type { Refusal } from '../refusal.ts';

/** A tag as the network spells it: name and value in base64url. */
export interface TxTag {
  readonly name: string;
  readonly value: string;
}

/** A transaction of format 2 without its data, in the network's own JSON spelling (numbers are decimal strings). */
export interface TxHeader {
  readonly format: 2;
  readonly id: string;
  readonly last_tx: string;
  readonly owner: string;
  readonly tags: readonly TxTag[];
  readonly target: string;
  readonly quantity: string;
  readonly data_size: string;
  readonly data_root: string;
  readonly reward: string;
  readonly signature: string;
}

/** A posted transaction: its header and the data that came in its body, if any. */
export interface PostedTx {
  readonly header: TxHeader;
  readonly data: Buffer;
}

/** Bytes of all tag names and values together that the network allows. */
export const MAX_TAG_BYTES = 2048;

/** Bytes of data the network takes in the body of a transaction. */
export const MAX_INLINE_DATA_BYTES = 10 * 1024 * 1024;

const OWNER_BYTES = 512;
const DECIMAL = /^(0|[1-9][0-9]{0,38})$/;
const INVALID_JSON: Refusal = { status: 400, text: 'Invalid JSON.' };

function refused(reason: string): Refusal {
  return { status: 400, text: `Transaction verification failed. ${reason}` };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function tagsOf(value: unknown): TxTag[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const tags: TxTag[] = [];
  for (const tag of value as { name?: unknown; value?: unknown }[]) {
    if (typeof tag?.name !== 'string' || typeof tag.value !== 'string') return undefined;
    tags.push({ name: tag.name, value: tag.value });
  }
  return tags;
}

function headerOf(body: Record<string, unknown>): TxHeader | undefined {
  const id = text(body['id']);
  const last_tx = text(body['last_tx']);
  const owner = text(body['owner']);
  const tags = tagsOf(body['tags'] ?? []);
  const target = text(body['target'] ?? '');
  const quantity = text(body['quantity'] ?? '0');
  const data_size = text(body['data_size'] ?? '0');
  const data_root = text(body['data_root'] ?? '');
  const reward = text(body['reward']);
  const signature = text(body['signature']);
  if (id === undefined || last_tx === undefined || owner === undefined || tags === undefined) return undefined;
  if (target === undefined || quantity === undefined || data_size === undefined) return undefined;
  if (data_root === undefined || reward === undefined || signature === undefined) return undefined;
  return { format: 2, id, last_tx, owner, tags, target, quantity, data_size, data_root, reward, signature };
}

type FieldCheck = (header: TxHeader) => string | undefined;

/** Each looks at one field and names what is wrong with it. */
const FIELD_CHECKS: readonly FieldCheck[] = [
  ({ id }) => (isId(id) ? undefined : 'id: expected 32 bytes in base64url'),
  ({ owner }) => (decodeBase64Url(owner)?.length === OWNER_BYTES ? undefined : 'owner: expected an RSA-4096 modulus'),
  ({ signature }) => (decodeBase64Url(signature)?.length === OWNER_BYTES ? undefined : 'signature: expected 512 bytes'),
  ({ target }) => (target === '' || isId(target) ? undefined : 'target: expected an address or nothing'),
  ({ last_tx }) => ([0, 32, 48].includes(decodeBase64Url(last_tx)?.length ?? -1) ? undefined : 'last_tx: bad length'),
  ({ reward }) => (DECIMAL.test(reward) ? undefined : 'reward: expected a decimal string'),
  ({ quantity }) => (DECIMAL.test(quantity) ? undefined : 'quantity: expected a decimal string'),
  ({ data_size }) =>
    DECIMAL.test(data_size) && Number.isSafeInteger(Number(data_size)) ? undefined : 'data_size: expected a size',
  ({ data_root, data_size }) => {
    const expected = data_size === '0' ? 0 : 32;
    return decodeBase64Url(data_root)?.length === expected ? undefined : `data_root: expected ${expected} bytes`;
  },
  ({ tags }) => {
    let bytes = 0;
    for (const tag of tags) {
      const name = decodeBase64Url(tag.name);
      const value = decodeBase64Url(tag.value);
      if (!name || !value) return 'tags: expected base64url';
      bytes += name.length + value.length;
    }
    return bytes <= MAX_TAG_BYTES ? undefined : `tags: ${bytes} bytes, at most ${MAX_TAG_BYTES} are allowed`;
  },
  ({ target, quantity }) =>
    target === '' && quantity !== '0' ? 'quantity: a transfer of winston needs a target' : undefined,
];

/**
 * Reads the body of `POST /tx`. The form alone is judged here: signature, anchor and balance come later.
 */
export function parsePostedTx(body: unknown): PostedTx | Refusal {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return INVALID_JSON;
  const fields = body as Record<string, unknown>;
  if (fields['format'] !== 2) return refused('format: only transactions of format 2 are taken');
  const header = headerOf(fields);
  const data = decodeBase64Url(text(fields['data'] ?? '') ?? '!');
  if (!header || !data) return INVALID_JSON;
  if (data.length > MAX_INLINE_DATA_BYTES) return { status: 413, text: 'Payload too large' };
  for (const check of FIELD_CHECKS) {
    const reason = check(header);
    if (reason !== undefined) return refused(reason);
  }
  return { header, data };
}
