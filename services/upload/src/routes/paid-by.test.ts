import { paidByIn } from './paid-by.ts';

describe('who is to pay', () => {
  it.each<[string | undefined, string[]]>([
    [undefined, []],
    ['', []],
    ['one', ['one']],
    ['0xAb, two_-,one', ['0xAb', 'two_-', 'one']],
    ['one,two, one ,', ['one', 'two']],
  ])('is, with x-paid-by %j, %j', (header, payers) => {
    expect(paidByIn(header === undefined ? {} : { 'x-paid-by': header })).toEqual(payers);
  });

  it.each([
    ['more than anybody needs', Array.from({ length: 21 }, (_, index) => `payer${index}`).join()],
    ['what is too long for an address', 'a'.repeat(101)],
    ['what no address has in it', "one,two';drop"],
  ])('is refused with %s', (_, header) => {
    expect(() => paidByIn({ 'x-paid-by': header })).toThrow('x-paid-by must be up to 20 addresses');
  });
});
