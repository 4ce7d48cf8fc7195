export type { Info, ItemStatus, Progress, Receipt } from '@bundler/contract';
export { BundlerClient, type BundlerClientOptions, type SendOptions, type UploadOptions } from './client.ts';
export { BundlerError, ItemFailedError, UnknownItemError, WaitTimeoutError } from './errors.ts';
export type { PartsOptions } from './parts.ts';
export { addressOf, isReceiptSigned } from './receipt.ts';
export {
  type ArweaveJwk,
  arweaveSigner,
  ethereumSigner,
  type ItemSigner,
  type SignedItem,
  solanaSigner,
  type Tag,
} from './signers.ts';
export type { TrackOptions } from './track.ts';
export type { WaitOptions } from './wait.ts';
export { type WebKey, webArweaveSigner, webEd25519Signer } from './web-signers.ts';
