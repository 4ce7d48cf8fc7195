import type { IncomingHttpHeaders } from 'node:http';
import type { Tag } from '@bundler/ans104';
import { ApiError } from '@bundler/contract';

/** The header that holds all tags as JSON. */
const LIST = 'x-data-item-tags';
/** The headers that hold one tag each: `X-Tag-App-Name: demo`. */
const ONE = 'x-tag-';
/** The type of bytes of which nothing is known. */
const UNKNOWN_TYPE = 'application/octet-stream';

/**
 * The tags of an unsigned upload: those of `x-data-item-tags`, those of the `x-tag-…` headers, and the type of the body when none
 * of them says it.
 *
 * @throws ApiError `invalid_tags`
 */
export function readTags(headers: IncomingHttpHeaders): Tag[] {
  const single = Object.entries(headers)
    .filter(([name]) => name.startsWith(ONE))
    .map(([name, value]) => ({ name: properCase(name.slice(ONE.length)), value: decode(String(value)) }));
  const tags = [...listed(headers[LIST]), ...single];
  const type = headers['content-type'];
  const isTyped = tags.some(({ name }) => name.toLowerCase() === 'content-type');
  return isTyped || type === undefined || type === UNKNOWN_TYPE
    ? tags
    : [...tags, { name: 'Content-Type', value: type }];
}

function listed(header: string | string[] | undefined): Tag[] {
  if (header === undefined) return [];
  let read: unknown;
  try {
    read = JSON.parse(decode(String(header)));
  } catch (cause) {
    throw new ApiError('invalid_tags', { detail: `${LIST} must be JSON.`, cause });
  }
  if (!Array.isArray(read) || !read.every(isTag)) {
    throw new ApiError('invalid_tags', { detail: `${LIST} must be a list of {"name": "…", "value": "…"}.` });
  }
  return read.map(({ name, value }) => ({ name, value }));
}

function isTag(entry: unknown): entry is Tag {
  const { name, value } = (entry ?? {}) as Partial<Record<'name' | 'value', unknown>>;
  return typeof name === 'string' && typeof value === 'string';
}

/** Node reads the bytes of headers as Latin-1; who puts more than ASCII there means UTF-8. */
function decode(header: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(header, 'latin1'));
  } catch (cause) {
    throw new ApiError('invalid_tags', { detail: 'They must be UTF-8.', cause });
  }
}

/** `App-Name` of `app-name`: the case of a header's name does not arrive. */
const properCase = (name: string): string => name.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
