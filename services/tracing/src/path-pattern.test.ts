import { pathPattern } from './path-pattern.ts';

it.each([
  ['/tx', '/tx'],
  ['/chunk', '/chunk'],
  ['/price/1048576', '/price/{}'],
  [`/tx/${'a'.repeat(43)}/status`, '/tx/{}/status'],
  [`/wallet/${'_-'.repeat(21)}x/balance`, '/wallet/{}/balance'],
  [`/${'Z'.repeat(43)}`, '/{}'],
  [`/v1/balance/0x${'aB'.repeat(20)}`, '/v1/balance/{}'],
  ['/v1/tx/01234567-89ab-cdef-0123-456789abcdef', '/v1/tx/{}'],
])('names %s as the route %s', (path, pattern) => {
  expect(pathPattern(path)).toBe(pattern);
});
