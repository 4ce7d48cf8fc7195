import { isIP } from 'node:net';

/**
 * The address that a request came from. Each trusted proxy adds, at the right end of X-Forwarded-For, the address that it
 * was asked from; only as many entries are believed as there are such proxies, because the client writes the rest.
 *
 * @param peer the other end of the connection
 * @param forwarded X-Forwarded-For as it came
 * @returns an address without the notations of proxies and sockets; empty when the connection is gone
 */
export function clientAddress(peer: string | undefined, forwarded: string | undefined, trustedProxies: number): string {
  const nearest = plain(peer ?? '') ?? '';
  if (trustedProxies === 0 || forwarded === undefined) return nearest;
  // Fewer entries than proxies: the leftmost was written by one of them all the same.
  const believed = forwarded.split(',').slice(-trustedProxies);
  return plain(believed[0]!.trim()) ?? nearest;
}

/** `192.0.2.7` of `192.0.2.7:443` and `::ffff:192.0.2.7`, `2001:db8::1` of `[2001:db8::1]:443` and `2001:db8::1%eth0`. */
function plain(text: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::[0-9]+)?$/.exec(text)?.[1] ?? text.replace(/^([0-9.]+):[0-9]+$/, '$1');
  const address = bare.replace(/%.*$/, '').replace(/^::ffff:(?=[0-9.]+$)/i, '');
  return isIP(address) === 0 ? undefined : address.toLowerCase();
}

/**
 * What an address is counted by. A site has a /64 of IPv6, and so 2^64 addresses to send from: they count as one.
 *
 * @param address as `clientAddress` returns it
 */
export function countedAddress(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const all = tail === undefined ? before : [...before, ...zeros, ...after];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** The 16-bit groups of a part of an address; an IPv4 address at its end stands for two. */
const groups = (part: string): string[] =>
  part === '' ? [] : part.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
