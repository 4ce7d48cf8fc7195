export { normalizedAddress } from './address.ts';
export {
  type BundleEntry,
  bundleHeaderByteCount,
  encodeBundleHeader,
  type LocatedEntry,
  parseBundleHeader,
} from './bundle-header.ts';
export { ByteCursor, type ReadBytes } from './byte-cursor.ts';
export { carriesBundle } from './carries-bundle.ts';
export { contentType } from './content-type.ts';
export { createDataItem, createDataItemHeader, type DataItemOptions, DataItemSigning } from './create.ts';
export { appendHash, type DeepHashValue, deepHash, hashBlob, hashListTag } from './deep-hash.ts';
export { BundleHeaderError, type BundleHeaderErrorCode, DataItemError, type DataItemErrorCode } from './errors.ts';
export { type DataItemHeader, parseDataItemHeader } from './header.ts';
export { MAX_HEADER_BYTES } from './header-layout.ts';
export { anyOf, OwnerList } from './owner-list.ts';
export { payerOf } from './payer.ts';
export { closeSignatureThread } from './signatures/ethereum.ts';
export { checksumAddress } from './signatures/ethereum-address.ts';
export { isSignatureTypeId, signatureTypes } from './signatures/registry.ts';
export { unsaltedPssSigner } from './signatures/rsa-pss-keys.ts';
export { verifyPersonal } from './signatures/secp256k1.ts';
export type { SignatureType, SignatureTypeId } from './signatures/types.ts';
export { type ArweaveJwk, arweaveSigner, generateJwk } from './signers/arweave.ts';
export { aptosSigner, ed25519Signer, solanaSigner } from './signers/ed25519.ts';
export { ethereumSigner, kyveSigner, typedEthereumSigner } from './signers/ethereum.ts';
export { multiAptosSigner } from './signers/multi-aptos.ts';
export type { Signer } from './signers/types.ts';
export { encodeTags, TAG_LIMITS, type Tag } from './tags.ts';
export { DataItemVerifier, type VerifiedDataItem, verifyDataItem } from './verify.ts';
export {
  type CarriedBundle,
  type NestedFault,
  type NestedItem,
  type NestedProblem,
  type WalkLimits,
  walkBundle,
} from './walk-bundle.ts';
