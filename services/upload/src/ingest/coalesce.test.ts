import { coalesce } from './coalesce.ts';

async function* of(...sizes: number[]): AsyncIterable<Buffer> {
  for (const [index, size] of sizes.entries()) yield Buffer.alloc(size, index);
}

async function gather(pieces: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

describe('joining small pieces', () => {
  it('keeps every byte in its place', async () => {
    const sizes = [1, 5000, 3, 70_000, 2, 2, 4096, 10];
    const bytes = Buffer.concat(await gather(of(...sizes)));
    expect(Buffer.concat(await gather(coalesce(of(...sizes)))).equals(bytes)).toBe(true);
  });

  it('passes large pieces as they are', async () => {
    const large = Buffer.alloc(5000);
    const pieces = await gather(
      coalesce(
        (async function* () {
          yield large;
        })(),
      ),
    );
    expect(pieces).toHaveLength(1);
    expect(pieces[0]).toBe(large);
  });

  it('makes a body of single bytes a few hundred times fewer pieces', async () => {
    const pieces = await gather(coalesce(of(...Array.from({ length: 5000 }, () => 1))));
    expect(pieces.length).toBeLessThanOrEqual(10);
  });
});
