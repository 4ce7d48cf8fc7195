import { randomBytes } from 'node:crypto';
import { readChunkBody } from './chunk-body.ts';

const bytes = randomBytes(262_144);
const chunk = bytes.toString('base64url');
const read = (text: string) => readChunkBody(Buffer.from(text));

describe('the body of a posted chunk', () => {
  it.each([1, 2, 3, 4, 24_575, 24_576, 24_577, 262_144])('gives the bytes of a chunk of %i', (length) => {
    const part = bytes.subarray(0, length);
    const body = read(JSON.stringify({ offset: '7', chunk: part.toString('base64url'), data_path: 'AAAA' }));
    expect(body).toEqual({ fields: { offset: '7', chunk: '', data_path: 'AAAA' }, bytes: part });
  });

  it.each([
    ['white space around it', `{"chunk" : "${chunk}"}`, { chunk }],
    ['characters that are no base64url', `{"chunk":"AA*A"}`, { chunk: 'AA*A' }],
    ['an escape', `{"chunk":"AA\\u0041A"}`, { chunk: 'AAAA' }],
    ['a chunk inside of another field', '{"a":{"chunk":"AAAA"}}', { a: { chunk: 'AAAA' } }],
    [
      'a chunk inside of another field besides its own',
      '{"a":{"chunk":"AAAA"},"chunk":""}',
      { a: { chunk: 'AAAA' }, chunk: '' },
    ],
    ['what looks like one inside of a text', '{"a":"\\"chunk\\":\\"AAAA"}', { a: '"chunk":"AAAA' }],
    ['no JSON behind it', '{"chunk":"AAAA"', undefined],
    ['no end', '{"chunk":"AAAA', undefined],
  ])('leaves to JSON what is spelled in another way: %s', (_what, text, fields) => {
    expect(read(text).fields).toEqual(fields);
    expect(read(text).bytes).toBeUndefined();
  });
});
