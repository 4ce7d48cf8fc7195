import { clientAddress, countedAddress } from './client-address.ts';

describe('the address of a client', () => {
  it('is the other end of the connection when no proxy is trusted, whatever the client writes', () => {
    expect(clientAddress('192.0.2.7', '203.0.113.1', 0)).toBe('192.0.2.7');
  });

  it.each([
    [1, '203.0.113.1', '203.0.113.1'],
    [1, '198.51.100.9, 203.0.113.1', '203.0.113.1'],
    [2, '198.51.100.9, 203.0.113.1, 10.0.0.1', '203.0.113.1'],
    [3, '203.0.113.1,10.0.0.1', '203.0.113.1'],
  ])('is what the outermost of %i trusted proxies wrote into "%s"', (proxies, forwarded, expected) => {
    expect(clientAddress('10.0.0.2', forwarded, proxies)).toBe(expected);
  });

  it.each([
    ['203.0.113.1:4711', '203.0.113.1'],
    ['[2001:DB8::1]:443', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::ffff:203.0.113.1', '203.0.113.1'],
  ])('reads %s', (written, expected) => {
    expect(clientAddress('10.0.0.2', written, 1)).toBe(expected);
  });

  it.each([undefined, '', 'unknown', 'a:b', '1.2.3.4.5'])('is the proxy itself when it wrote %j', (written) => {
    expect(clientAddress('10.0.0.2', written, 1)).toBe('10.0.0.2');
  });

  it('is nothing when the connection is gone', () => {
    expect(clientAddress(undefined, undefined, 0)).toBe('');
  });
});

describe('what an address is counted by', () => {
  it('is itself for IPv4', () => expect(countedAddress('192.0.2.7')).toBe('192.0.2.7'));

  it.each([
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ])('is its network for %s', (address, network) => expect(countedAddress(address)).toBe(network));
});
