import { randomBytes } from 'node:crypto';
import { createDataItem, ed25519Signer, parseDataItemHeader } from '@bundler/ans104';
import { HeaderSigner } from './header-signer.ts';

async function someItem() {
  const bytes = await createDataItem({ signer: ed25519Signer(randomBytes(32)), data: randomBytes(10) });
  return { header: parseDataItemHeader(bytes)!, byteCount: bytes.length };
}

describe('headers for bridges', () => {
  it('are signed once, however many bridges they go to', async () => {
    let signatures = 0;
    const signer = new HeaderSigner(async () => {
      signatures += 1;
      return Buffer.from('good');
    });
    const { header, byteCount } = await someItem();
    const made = await Promise.all([1, 2, 3].map(() => signer.sign(header, byteCount, 7)));
    expect(made.map(({ bundlr_signature }) => bundlr_signature)).toEqual(Array(3).fill('Z29vZA'));
    expect(signatures).toBe(1);
  });

  it('are signed with the next try when a signature failed', async () => {
    const outcomes = [() => Promise.reject(new Error('no thread')), async () => Buffer.from('good')];
    const signer = new HeaderSigner(() => outcomes.shift()!());
    const { header, byteCount } = await someItem();
    await expect(signer.sign(header, byteCount, 7)).rejects.toThrow('no thread');
    expect(await signer.sign(header, byteCount, 7)).toMatchObject({ bundlr_signature: 'Z29vZA', data_size: 10 });
  });
});
