import { parseHeaders } from './headers.ts';

describe('the headers for a collector', () => {
  it.each([
    ['', {}],
    ['authorization=Bearer abc==', { authorization: 'Bearer abc==' }],
    ['a=1, b=2%2C3', { a: '1', b: '2,3' }],
  ])('are read from %j', (text, expected) => {
    expect(parseHeaders(text)).toEqual(expected);
  });

  it.each([
    ['hunter2', 'entry 1 must be name=value'],
    ['a=1,=hunter2', 'entry 2 must be name=value'],
    ['a=hunter2%', 'the value of a holds a %'],
  ])('are refused in %j without saying what may be a secret', (text, why) => {
    expect(() => parseHeaders(text)).toThrow(why);
    expect(() => parseHeaders(text)).not.toThrow('hunter2');
  });
});
