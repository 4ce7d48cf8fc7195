import { hash } from 'node:crypto';
import { bech32 } from '@scure/base';
import secp256k1 from 'secp256k1';
import { ethereumSigner, normalizedAddress, signatureTypes } from '../index.ts';
import { checksumAddress, readAddress } from './ethereum-address.ts';

describe('native addresses', () => {
  it('of Ethereum are those of wallets, with the checksum of EIP-55', () => {
    const one = Buffer.alloc(32);
    one[31] = 1;
    const { owner } = ethereumSigner(one);
    expect(signatureTypes[3].nativeAddress(owner)).toBe('0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf');
  });

  it('of KYVE are Cosmos addresses of the compressed key', () => {
    // The key and the address (there with the prefix "cosmos") of an example of the Cosmos tools.
    const compressed = Buffer.from('AtQaCqFnshaZQp6rIkvAPyzThvCvXSDO+9AzbxVErqJP', 'base64');
    const { words } = bech32.decode('cosmos1h806c7khnvmjlywdrkdgk2vrayy2mmvf9rxk2r');
    const owner = secp256k1.publicKeyConvert(compressed, false);
    expect(signatureTypes[101].nativeAddress(owner)).toBe(bech32.encode('kyve', words));
  });

  it.each([2, 4] as const)('of type %i are base58, leading zeros kept', (type) => {
    expect(signatureTypes[type].nativeAddress(Buffer.alloc(32))).toBe('1'.repeat(32));
  });

  it.each([1, 5, 6, 7] as const)('of type %i are those of Arweave', (type) => {
    const owner = Buffer.alloc(signatureTypes[type].ownerLength, 7);
    const address = signatureTypes[type].nativeAddress(owner);
    expect(address).toBe(hash('sha256', owner, 'base64url'));
    expect(address).toBe(normalizedAddress(owner));
  });
});

describe('an Ethereum address in ASCII', () => {
  // Examples of EIP-55.
  it.each([
    '0x52908400098527886E0F7030069857D2E4169EE7',
    '0xde709f2102306220921060314715629080e2fb77',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
  ])('is read when its checksum is right: %s', (text) => {
    const address = readAddress(Buffer.from(text));
    expect(address?.toString('hex')).toBe(text.slice(2).toLowerCase());
    expect(checksumAddress(address!)).toBe(text);
  });

  it.each([
    '0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    '5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed00',
    '0xzzAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeA',
  ])('is not read otherwise: %s', (text) => {
    expect(readAddress(Buffer.from(text))).toBeUndefined();
  });
});
