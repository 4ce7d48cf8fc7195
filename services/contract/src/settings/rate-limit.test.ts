import { InvalidValue, routeCosts, settings } from './index.ts';

describe('addresses that are blocked or unlimited', () => {
  const { kind } = settings.rateLimitBlockedIps;

  it.each(['192.0.2.7', '192.0.2.0/24', '2001:db8::1', '2001:db8::/32', '::ffff:192.0.2.7'])('may be %s', (entry) => {
    expect(kind.fromEnv(entry)).toEqual([entry]);
    expect(kind.fromSpec([entry])).toEqual([entry]);
  });

  it.each([
    '192.0.2',
    '192.0.2.256',
    '192.0.2.0/33',
    '01.2.3.4',
    '2001:db8::/129',
    ':::',
    'example.com',
    'fe80::1%eth0',
  ])('may not be %s', (entry) => {
    expect(() => kind.fromEnv(`192.0.2.1,${entry}`)).toThrow(InvalidValue);
    expect(() => kind.fromSpec([entry])).toThrow(JSON.stringify(entry));
  });
});

describe('costs of routes', () => {
  it('are the built-in ones, and over them what the setting says', () => {
    expect(routeCosts([]).get('GET /tx/:id/status')).toBe(0.1);
    const costs = routeCosts(['GET /tx/:id/status=1', 'POST /tx=2.5']);
    expect([costs.get('GET /tx/:id/status'), costs.get('POST /tx')]).toEqual([1, 2.5]);
  });

  it.each(['POST /tx', '/tx=1', 'POST /tx=-1', 'POST /tx=1.0001', 'POST /tx=x'])('are not %s', (entry) => {
    expect(() => settings.rateLimitCosts.kind.fromSpec([entry])).toThrow(InvalidValue);
  });
});
