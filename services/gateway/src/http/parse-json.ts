/** Parses JSON, answering undefined for anything else: what to say of it is the route's affair. */
export function parseJson(body: Buffer | undefined | null): unknown {
  try {
    return JSON.parse(String(body ?? '')) as unknown;
  } catch {
    return undefined;
  }
}
