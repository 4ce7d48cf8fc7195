import { randomBytes } from 'node:crypto';
import {
  ed25519Signer,
  ethereumSigner,
  kyveSigner,
  normalizedAddress,
  OwnerList,
  type Signer,
  signatureTypes,
  solanaSigner,
  typedEthereumSigner,
} from './index.ts';

const secret = randomBytes(32);
const listing = (...entries: string[]): OwnerList => new OwnerList(() => entries);
const nativeOf = ({ signatureType, owner }: Signer): string => signatureTypes[signatureType].nativeAddress(owner);

describe('a list of owners', () => {
  it.each([ed25519Signer(secret), solanaSigner(secret), ethereumSigner(secret), kyveSigner(secret)])(
    'knows a signer by the normalized and by the native address',
    (signer) => {
      expect(listing(normalizedAddress(signer.owner)).has(signer)).toBe(true);
      expect(listing('other', nativeOf(signer)).has(signer)).toBe(true);
      expect(listing('other', nativeOf(signer).slice(1)).has(signer)).toBe(false);
    },
  );

  it('knows a key of Ethereum as whatever type it signs, and in whatever case its address is written', () => {
    const ethereum = nativeOf(ethereumSigner(secret));
    const kyve = nativeOf(kyveSigner(secret));
    for (const signer of [ethereumSigner(secret), kyveSigner(secret), typedEthereumSigner(secret)]) {
      expect(listing(ethereum.toLowerCase()).has(signer)).toBe(true);
      expect(listing(ethereum).has(signer)).toBe(true);
    }
    expect(listing(kyve).has(ethereumSigner(secret))).toBe(true);
    expect(listing(nativeOf(ethereumSigner(randomBytes(32)))).has(ethereumSigner(secret))).toBe(false);
  });

  it('follows changes, and knows nobody while it is empty', () => {
    const signer = solanaSigner(secret);
    let entries: string[] = [];
    const list = new OwnerList(() => entries);
    expect(list.has(signer)).toBe(false);
    entries = [nativeOf(signer)];
    expect(list.has(signer)).toBe(true);
    entries = ['another'];
    expect(list.has(signer)).toBe(false);
  });
});
