import { parties, testSecret } from '../vectors/parties.ts';
import {
  createDataItem,
  createDataItemHeader,
  DataItemSigning,
  DataItemVerifier,
  ed25519Signer,
  verifyDataItem,
} from './index.ts';

const signer = ed25519Signer(testSecret('verify'));

describe('DataItemVerifier', () => {
  it('knows the header as soon as it is complete, and not before', async () => {
    const item = await createDataItem({ signer, data: Buffer.from('payload'), tags: [{ name: 'a', value: 'b' }] });
    const headerByteCount = item.length - 'payload'.length;
    const verifier = new DataItemVerifier();
    verifier.write(item.subarray(0, headerByteCount - 1));
    expect(verifier.header).toBeUndefined();
    verifier.write(item.subarray(headerByteCount - 1, headerByteCount));
    expect(verifier.header?.tags).toEqual([{ name: 'a', value: 'b' }]);
    expect(verifier.byteCount).toBe(headerByteCount);
  });

  it('refuses wrong bytes at once, without waiting for the rest', () => {
    expect(() => new DataItemVerifier().write(Uint8Array.of(99, 0))).toThrow('unknown signature type 99');
  });

  it('keeps none of the memory it was given', async () => {
    const item = await createDataItem({ signer, data: Buffer.alloc(1 << 20, 1) });
    const verifier = new DataItemVerifier();
    verifier.write(item);
    // Small buffers share a pool of 64 KiB.
    expect(verifier.header?.signature.buffer.byteLength).toBeLessThanOrEqual(1 << 16);
    expect((await verifier.finish()).valid).toBe(true);
  });

  it('refuses to end before the header does', async () => {
    await expect(new DataItemVerifier().finish()).rejects.toMatchObject({ code: 'truncated' });
  });

  it('counts payloads of several blocks', async () => {
    const item = await createDataItem({ signer, data: Buffer.alloc(300_000, 5) });
    const verifier = new DataItemVerifier();
    for (let offset = 0; offset < item.length; offset += 1000) verifier.write(item.subarray(offset, offset + 1000));
    expect(await verifier.finish()).toMatchObject({ valid: true, payloadByteCount: 300_000, byteCount: item.length });
  });
});

describe('createDataItemHeader', () => {
  it('signs a payload it only streams', async () => {
    async function* payload(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('pay');
      yield Buffer.from('load');
    }
    const header = await createDataItemHeader({ signer, payload: payload() });
    expect(Buffer.concat([header, Buffer.from('payload')])).toEqual(
      await createDataItem({ signer, data: Buffer.from('payload') }),
    );
  });
});

describe('DataItemSigning', () => {
  it('knows how long the header will be before there is a payload', async () => {
    const optional = { target: Buffer.alloc(32), anchor: Buffer.alloc(32), tags: [{ name: 'a', value: 'b' }] };
    for (const options of [{ signer }, { signer, ...optional }, { signer: parties[0]!.ours, ...optional }]) {
      const signing = new DataItemSigning(options);
      const { headerLength } = signing;
      expect((await signing.finish()).length).toBe(headerLength);
    }
  });
});

describe('createDataItem', () => {
  it.each(['target', 'anchor'] as const)('refuses a %s that is not 32 bytes', async (field) => {
    const made = createDataItem({ signer, data: Buffer.alloc(0), [field]: Buffer.alloc(31) });
    await expect(made).rejects.toMatchObject({ code: `invalid_${field}` });
  });

  it('refuses a signer whose owner does not fit its type', async () => {
    const made = createDataItem({ signer: { ...signer, owner: Buffer.alloc(33) }, data: Buffer.alloc(0) });
    await expect(made).rejects.toMatchObject({ code: 'invalid_owner' });
  });

  it('makes an item that is not valid for another owner', async () => {
    const other = parties[1]!.ours;
    const item = await createDataItem({ signer: { ...signer, owner: other.owner }, data: Buffer.alloc(0) });
    expect((await verifyDataItem(item)).valid).toBe(false);
  });
});
