import { detectUnsigned } from './detect.ts';

async function* inPieces(pieces: readonly Buffer[]): AsyncIterable<Buffer> {
  yield* pieces;
}

async function detect(...pieces: readonly Buffer[]) {
  const { unsigned, body } = await detectUnsigned(inPieces(pieces));
  const read: Buffer[] = [];
  for await (const piece of body) read.push(piece);
  expect(Buffer.concat(read)).toEqual(Buffer.concat(pieces));
  return unsigned;
}

describe('a body where either a signed item or unsigned data may come', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 101])('is an item when it begins with signature type %i', async (type) => {
    expect(await detect(Buffer.from([type, 0, 9, 9]))).toBe(false);
    expect(await detect(Buffer.from([type]), Buffer.alloc(0), Buffer.from([0]), Buffer.from('more'))).toBe(false);
  });

  it.each([
    ['text', Buffer.from('text')],
    ['a type in the wrong byte order', Buffer.from([0, 1, 9])],
    ['a type that nobody knows', Buffer.from([8, 0, 9])],
    ['a single byte', Buffer.from([1])],
  ])('is unsigned data when it is %s', async (_, bytes) => {
    expect(await detect(bytes)).toBe(true);
  });

  it('is no data when there is none of it', async () => {
    expect(await detect()).toBe(false);
    expect(await detect(Buffer.alloc(0))).toBe(false);
  });
});
