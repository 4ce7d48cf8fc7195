import { ByteCursor } from './byte-cursor.ts';

const MiB = 1024 * 1024;

/** Bytes that each say where they are, in pieces of a given length; notes what was asked for. */
function source(pieceLength: number) {
  const asked: [number, number][] = [];
  let given = 0;
  let ended = 0;
  async function* read(start: number, end: number): AsyncIterable<Buffer> {
    asked.push([start, end]);
    try {
      for (let at = start; at < end; at += pieceLength) {
        const piece = Buffer.from(
          Array.from({ length: Math.min(pieceLength, end - at) }, (_, index) => (at + index) % 251),
        );
        given += piece.length;
        yield piece;
      }
    } finally {
      ended += 1;
    }
  }
  return { read, asked, given: () => given, ended: () => ended };
}

const numbers = (start: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => (start + index) % 251);

describe('a cursor over bytes', () => {
  it.each([1, 3, 7, 100])('reads the same in pieces of %i bytes, wherever it moves', async (pieceLength) => {
    const { read, asked } = source(pieceLength);
    const cursor = new ByteCursor(read, 10, 90);
    expect([...(await cursor.peek(5))]).toEqual(numbers(10, 5));
    expect([...(await cursor.peek(20))]).toEqual(numbers(10, 20));
    await cursor.moveTo(12);
    expect([...(await cursor.peek(3))]).toEqual(numbers(12, 3));
    await cursor.moveTo(60);
    expect([...(await cursor.peek(1000))]).toEqual(numbers(60, 30));
    await cursor.moveTo(90);
    expect([...(await cursor.peek(1))]).toEqual([]);
    expect(asked).toEqual([[10, 90]]);
  });

  it('does not read what it passes in a large step, and ends the reading that it left', async () => {
    const { read, asked, ended, given } = source(1000);
    const cursor = new ByteCursor(read, 0, 5 * MiB);
    await cursor.peek(10);
    await cursor.moveTo(4 * MiB);
    expect([...(await cursor.peek(4))]).toEqual(numbers(4 * MiB, 4));
    expect(asked).toEqual([
      [0, 5 * MiB],
      [4 * MiB, 5 * MiB],
    ]);
    expect(given()).toBe(2000);
    expect(ended()).toBe(1);
    await cursor.close();
    expect(ended()).toBe(2);
  });

  it('reads nothing before it is asked to', async () => {
    const { read, asked } = source(10);
    const cursor = new ByteCursor(read, 0, 1000);
    await cursor.moveTo(500);
    expect(asked).toEqual([]);
    expect([...(await cursor.peek(1))]).toEqual(numbers(500, 1));
    expect(asked).toEqual([[500, 1000]]);
  });

  it('says so when bytes are missing', async () => {
    const cursor = new ByteCursor(async function* () {}, 0, 10);
    await expect(cursor.peek(1)).rejects.toThrow('end before 10');
  });
});
