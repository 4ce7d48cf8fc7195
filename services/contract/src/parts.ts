/** What the keys of all parts start with; segments have another, so that neither's clean-up takes the other's objects. */
export const partsPrefix = 'parts/';

/** The key of a part's object. The first two digits spread the objects over folders. */
export function partKey(partId: string): string {
  return `${partsPrefix}${partId.slice(0, 2)}/${partId}`;
}

/** Bytes of parts that lie one after another from byte 0 on; or where a part begins instead of where the one before ends. */
export function assembledSize(
  parts: readonly { readonly offset: number; readonly byteCount: number }[],
): { readonly byteCount: number } | { readonly expectedAt: number; readonly foundAt: number } {
  let byteCount = 0;
  for (const part of parts) {
    if (part.offset !== byteCount) return { expectedAt: byteCount, foundAt: part.offset };
    byteCount += part.byteCount;
  }
  return { byteCount };
}
