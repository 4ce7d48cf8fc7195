import { testSecret } from '../../vectors/parties.ts';
import { closeSignatureThread, createDataItem, ethereumSigner, kyveSigner, verifyDataItem } from '../index.ts';

afterAll(closeSignatureThread);

describe('an item of type kyve', () => {
  it('is valid when it is signed as such', async () => {
    const item = await createDataItem({ signer: kyveSigner(testSecret('kyve')), data: Buffer.from('payload') });
    expect(item.readUInt16LE()).toBe(101);
    expect(await verifyDataItem(item)).toMatchObject({ valid: true, header: { signatureType: 101 } });
  });

  it('is not an item of Ethereum with another number', async () => {
    const item = await createDataItem({ signer: ethereumSigner(testSecret('kyve')), data: Buffer.from('payload') });
    item.writeUInt16LE(101);
    expect((await verifyDataItem(item)).valid).toBe(false);
  });
});
