import { hash } from 'node:crypto';
import { loadBadVectors, loadGoodVectors } from '../vectors/load.ts';
import { closeSignatureThread, DataItemError, type DataItemHeader, DataItemVerifier, verifyDataItem } from './index.ts';
import { signedMessage } from './signed-message.ts';

afterAll(closeSignatureThread);

/** What a whole item that came in one piece amounts to: a code, or whether it is valid. */
async function verdict(bytes: Buffer): Promise<string | boolean> {
  try {
    return (await verifyDataItem(bytes)).valid;
  } catch (error) {
    return error instanceof DataItemError ? error.code : Promise.reject(error);
  }
}

/** The same for an item that came byte by byte. */
async function slowVerdict(bytes: Buffer): Promise<string | boolean> {
  try {
    const verifier = new DataItemVerifier();
    for (const byte of bytes) verifier.write(Uint8Array.of(byte));
    return (await verifier.finish()).valid;
  } catch (error) {
    return error instanceof DataItemError ? error.code : Promise.reject(error);
  }
}

function asText({ signatureType, id, owner, target, anchor, tags }: DataItemHeader): object {
  const text = (bytes: Buffer): string => bytes.toString('base64url');
  return { signatureType, id: text(id), owner: text(owner), target: text(target), anchor: text(anchor), tags };
}

describe.each(loadGoodVectors())('the good item "$name"', ({ name: _, bytes, payload, message, ...fields }) => {
  const item = Buffer.from(bytes, 'base64url');
  const data = Buffer.from(payload, 'base64url');

  it('is read as its maker reads it', async () => {
    const { header, byteCount, payloadByteCount } = await verifyDataItem(item);
    expect(asText(header)).toEqual(fields);
    expect({ byteCount, payloadByteCount }).toEqual({ byteCount: item.length, payloadByteCount: data.length });
    expect(item.subarray(header.length)).toEqual(data);
  });

  it('is signed over the same message', async () => {
    const { header } = await verifyDataItem(item);
    const signed = signedMessage(header, hash('sha384', data, 'buffer'), data.length);
    expect(signed.toString('base64url')).toBe(message);
  });

  it('is valid, whole or byte by byte', async () => {
    expect(await verdict(item)).toBe(true);
    expect(await slowVerdict(item)).toBe(true);
  });
});

describe.each(loadBadVectors())('the bad item "$name"', ({ bytes, code }) => {
  it(`is ${code === undefined ? 'not valid' : `refused as ${code}`}, whole or byte by byte`, async () => {
    const item = Buffer.from(bytes, 'base64url');
    expect(await verdict(item)).toBe(code ?? false);
    expect(await slowVerdict(item)).toBe(code ?? false);
  });
});
