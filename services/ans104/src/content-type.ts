import type { DataItemHeader } from './header.ts';

/** The item's Content-Type tag, unless it is none that could be sent as a header. */
export function contentType(header: Pick<DataItemHeader, 'tags'>): string | null {
  const tag = header.tags.find(({ name }) => name.toLowerCase() === 'content-type');
  return tag && /^[\x20-\x7e]{1,255}$/.test(tag.value) ? tag.value : null;
}
