import { decodeTags, encodeTags, TAG_LIMITS } from './tags.ts';

describe('tags', () => {
  it('may be as many, as long and as large as the limits say', () => {
    const many = Array.from({ length: TAG_LIMITS.count }, (_, index) => ({ name: `${index}`, value: '' }));
    const long = [{ name: 'n'.repeat(TAG_LIMITS.nameByteCount), value: 'v'.repeat(TAG_LIMITS.valueByteCount - 8) }];
    for (const tags of [many, long]) expect(decodeTags(encodeTags(tags), tags.length)).toEqual(tags);
    expect(encodeTags(long).length).toBeLessThanOrEqual(TAG_LIMITS.byteCount);
  });

  it('are not encoded beyond the limits', () => {
    const tag = { name: '', value: '' };
    const big = { name: '', value: 'v'.repeat(TAG_LIMITS.valueByteCount) };
    expect(() => encodeTags(Array.from({ length: 129 }, () => tag))).toThrow('129 tags; at most 128 are allowed');
    expect(() => encodeTags([{ name: 'é'.repeat(513), value: '' }])).toThrow('a tag name of 1026 bytes');
    expect(() => encodeTags([{ name: '', value: `${big.value}v` }])).toThrow('a tag value of 3073 bytes');
    expect(() => encodeTags([big, big])).toThrow('6152 bytes of tags; at most 4096 are allowed');
  });

  it('leave nothing behind when there are none', () => {
    expect(encodeTags([])).toHaveLength(0);
  });
});
