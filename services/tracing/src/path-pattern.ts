/** Ids and addresses of Arweave, of Ethereum, UUIDs, numbers: what makes one path of a route differ from another. */
const VALUE = /^([A-Za-z0-9_-]{43}|0x[0-9a-fA-F]{40}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+)$/;

/** The path with a placeholder for each value in it, so that spans of one route have one name. */
export function pathPattern(path: string): string {
  return path
    .split('/')
    .map((part) => (VALUE.test(part) ? '{}' : part))
    .join('/');
}
