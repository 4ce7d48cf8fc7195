/** As addresses of all chains are written: letters, digits and what base64url has beside them. */
const ADDRESS = /^[A-Za-z0-9_-]{20,128}$/;

/**
 * The addresses of a blocklist: one a line, and after it, for people, why it is there. Empty lines and those that begin with # say
 * nothing.
 *
 * @throws Error that names the line which is wrong
 */
export function parseBlocklist(text: string): string[] {
  const addresses = new Set<string>();
  for (const [index, line] of text.split('\n').entries()) {
    const [address = ''] = line.trim().split(/\s+/);
    if (address === '' || address.startsWith('#')) continue;
    if (!ADDRESS.test(address)) throw new Error(`line ${index + 1} does not begin with an address`);
    addresses.add(address);
  }
  return [...addresses];
}
