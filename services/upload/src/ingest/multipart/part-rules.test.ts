import { chunkSizeFor, partFault } from './part-rules.ts';

const MiB = 1024 * 1024;
const chunks = { minChunkSize: 5 * MiB, maxChunkSize: 500 * MiB };

describe('the chunk size of an upload', () => {
  it.each([
    [undefined, 25_000_000],
    [String(5 * MiB), 5 * MiB],
    [String(500 * MiB), 500 * MiB],
    [String(5 * MiB - 1), undefined],
    [String(500 * MiB + 1), undefined],
    ['5e6', undefined],
    ['-5242880', undefined],
    ['5242880.5', undefined],
    ['', undefined],
    ['9'.repeat(400), undefined],
  ])('asked for %s is %s', (asked, expected) => {
    expect(chunkSizeFor(asked, chunks)).toBe(expected);
  });

  it('that nobody asked for stays within the limits', () => {
    expect(chunkSizeFor(undefined, { minChunkSize: 30_000_000, maxChunkSize: 40_000_000 })).toBe(30_000_000);
    expect(chunkSizeFor(undefined, { minChunkSize: 1024, maxChunkSize: 2048 })).toBe(2048);
  });
});

describe('a part', () => {
  const upload = { state: 'assembling', chunkSize: 5 * MiB, failedReason: null } as const;
  const limits = { maxChunkSize: 100 * MiB, maxItemSize: 1000 * MiB };
  const fault = (offset: number, byteCount: number | undefined, of: Parameters<typeof partFault>[1] = upload) =>
    partFault({ offset, byteCount }, of, limits)?.code;

  it.each([
    ['is good at the start', 0, 5 * MiB, undefined],
    ['is good when it is the shorter last one', 10 * MiB, 17, undefined],
    ['may end where the largest item ends', 995 * MiB, 5 * MiB, undefined],
    ['may be longer than the chunk size where that is a multiple too', 12 * MiB, 6 * MiB, undefined],
    ['must lie at a multiple of the chunk size', 5 * MiB + 1, 5 * MiB, 'invalid_part'],
    ['must lie at a multiple of its own length when that is larger', 5 * MiB, 6 * MiB, 'invalid_part'],
    ['must say how long it is', 0, undefined, 'invalid_part'],
    ['must say so in numbers', 0, Number.NaN, 'invalid_part'],
    ['must not be empty', 0, 0, 'invalid_part'],
    ['must not be longer than a part may be', 0, 101 * MiB, 'invalid_part'],
    ['must not reach beyond the largest item', 1000 * MiB, 1, 'data_item_too_large'],
  ])('%s', (_, offset, byteCount, expected) => {
    expect(fault(offset, byteCount)).toBe(expected);
  });

  it('must not be one too many, however short the chunks are', () => {
    const short = { ...upload, chunkSize: 1024 };
    expect(fault(9999 * 1024, 1024, short)).toBeUndefined();
    expect(fault(10_000 * 1024, 1024, short)).toBe('invalid_part');
  });

  it.each(['validating', 'finalizing', 'finalized', 'failed'] as const)(
    'comes too late when the upload is %s',
    (state) => {
      expect(fault(0, 5 * MiB, { ...upload, state })).toBe('upload_closed');
    },
  );
});
