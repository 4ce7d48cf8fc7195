import { randomBytes } from 'node:crypto';
import { retryDelay, writeChunkJson } from './gateway.ts';

describe('wait before another try', () => {
  it.each([
    ['doubles from half a second', 3, null, 2000],
    ['is what the server asks for', 1, '7', 7000],
    ['is at most half a minute, whatever the server asks for', 1, '3600', 30_000],
    ['ignores a date that it cannot read as seconds', 1, 'Mon, 01 Jan 2029 00:00:00 GMT', 500],
  ])('%s', (_, attempt, retryAfter, expected) => {
    expect(retryDelay(attempt, retryAfter)).toBe(expected);
  });
});

describe('the JSON of a chunk', () => {
  it('is what the network reads', () => {
    const bytes = Buffer.from([0, 1, 254, 255]);
    const chunk = { dataRoot: 'A-_', dataSize: 300_000, dataPath: Buffer.alloc(64, 7), offset: 262_143, bytes };
    expect(JSON.parse(writeChunkJson(chunk, Buffer.alloc(1000, '!')).toString())).toEqual({
      data_root: 'A-_',
      data_size: '300000',
      data_path: Buffer.alloc(64, 7).toString('base64url'),
      offset: '262143',
      chunk: bytes.toString('base64url'),
    });
    expect(() => writeChunkJson(chunk, Buffer.alloc(100))).toThrow(RangeError);
  });

  it.each([0, 24 * 1024, 24 * 1024 + 1, 256 * 1024])('holds all of %d bytes', (byteCount) => {
    const chunk = { dataRoot: 'A', dataSize: 1, dataPath: Buffer.alloc(0), offset: 0, bytes: randomBytes(byteCount) };
    const written = JSON.parse(writeChunkJson(chunk, Buffer.alloc(384 * 1024)).toString()) as { chunk: string };
    expect(Buffer.from(written.chunk, 'base64url').equals(chunk.bytes)).toBe(true);
  });
});
