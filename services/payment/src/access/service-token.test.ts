import { createHmac } from 'node:crypto';
import { PAYMENT_AUDIENCE } from '@bundler/contract';
import { ServiceTokens } from './service-token.ts';

const [CURRENT, BEFORE] = ['c'.repeat(32), 'b'.repeat(32)];
const NOW = 1_800_000_000;
const GOOD = { iss: 'bundler-upload', aud: PAYMENT_AUDIENCE, iat: NOW, exp: NOW + 60 };

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

function bearer(claims: object, secret = CURRENT, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `Bearer ${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

describe('tokens of services', () => {
  const tokens = new ServiceTokens([CURRENT, BEFORE], () => NOW * 1000);

  it('let in who signs with the secret, or the one before it', () => {
    expect([bearer(GOOD), bearer(GOOD, BEFORE)].map((header) => tokens.accepts(header))).toEqual([true, true]);
    expect(new ServiceTokens([CURRENT, ''], () => NOW * 1000).accepts(bearer(GOOD, BEFORE))).toBe(false);
  });

  it.each([
    ['nothing', undefined],
    ['no token', 'Bearer'],
    ['three dots', 'Bearer ...'],
    ['another secret', bearer(GOOD, 'x'.repeat(32))],
    ['the empty secret', bearer(GOOD, '')],
    ['another audience', bearer({ ...GOOD, aud: 'somebody else' })],
    ['no audience', bearer({ iat: NOW, exp: NOW + 60 })],
    ['a time that is over', bearer({ ...GOOD, exp: NOW })],
    ['no end', bearer({ aud: PAYMENT_AUDIENCE, iat: NOW })],
    ['no beginning', bearer({ aud: PAYMENT_AUDIENCE, exp: NOW + 60 })],
    ['a beginning to come', bearer({ ...GOOD, iat: NOW + 120, exp: NOW + 180 })],
    ['a life of a day', bearer({ ...GOOD, exp: NOW + 86_400 })],
    ['no algorithm', bearer(GOOD, CURRENT, { alg: 'none' })],
    ['claims that are no object', bearer([])],
    ['no signature', bearer(GOOD).replace(/\.[^.]*$/, '.')],
  ])('keep out who brings %s', (_, header) => {
    expect(tokens.accepts(header)).toBe(false);
  });

  it('need secrets that nobody can guess', () => {
    expect(() => new ServiceTokens(['', ''], Date.now)).toThrow('PRIVATE_ROUTE_SECRET must have');
    expect(() => new ServiceTokens([CURRENT, 'short'], Date.now)).toThrow('PRIVATE_ROUTE_SECRET_BEFORE must have');
  });
});
