import type { ArweaveJwk } from '@bundler/ans104';
import type { Receipt } from '@bundler/client';

/** Tokens of Ethereum's kind: one key has one address in all of them. */
export const EVM_TOKENS = ['ethereum', 'matic', 'pol', 'base-eth', 'usdc', 'base-usdc', 'polygon-usdc'] as const;

/** What the SDK's factory takes: the key in the form of its chain. */
export interface SdkWallet {
  readonly token: 'arweave' | 'solana' | 'kyve' | (typeof EVM_TOKENS)[number];
  readonly privateKey: ArweaveJwk | string;
  /** Where the token's own network is reached, for calls that pay in it. */
  readonly node?: string;
}

export interface SdkTag {
  readonly name: string;
  readonly value: string;
}

/** What the SDK returned, and what it did on the way. */
export interface Uploaded {
  /** Verbatim. */
  readonly receipt: Receipt;
  /** How often it waited before it signed and sent everything again. */
  readonly retries: number;
  /** Its last upload event, in bytes. */
  readonly progress: { readonly processedBytes: number; readonly totalBytes: number } | undefined;
}

interface Signed {
  /** Of the upload service, without `/v1`. */
  readonly url: string;
  readonly wallet: SdkWallet;
}

/** What the process with the SDK does when told: its parameters and its result. */
export interface SdkTasks {
  nativeAddress: { params: { readonly wallet: SdkWallet }; result: string };
  upload: {
    params: Signed & {
      readonly data: Uint8Array;
      readonly tags?: readonly SdkTag[];
      readonly paidBy?: string | string[];
    };
    result: Uploaded;
  };
  uploadFile: {
    params: Signed & {
      readonly file: string;
      readonly tags?: readonly SdkTag[];
      readonly paidBy?: string | string[];
      /** In parts whatever its size; otherwise the SDK decides. */
      readonly inParts?: boolean;
      /** The file changes after it was signed, so that the signature does not fit. */
      readonly changing?: boolean;
    };
    result: Uploaded;
  };
  uploadFolder: {
    params: Signed & { readonly folder: string };
    result: { readonly manifest: { readonly paths: Record<string, { id: string }> }; readonly receipts: Receipt[] };
  };
  uploadSignedDataItem: {
    /** `stall`: half of the bytes are sent, and the rest never. */
    params: { readonly url: string; readonly item: Uint8Array; readonly stall?: boolean };
    result: Uploaded;
  };
  /** Data that the service is to sign; `privateKey` is of the account on Ethereum that would pay for it. */
  uploadUnsigned: {
    params: {
      readonly url: string;
      readonly data: Uint8Array;
      readonly tags: readonly SdkTag[];
      readonly privateKey?: string;
    };
    result: Receipt;
  };
  /** Calls a method of the SDK by its name, with both services; without a wallet only what needs none. */
  call: {
    params: {
      readonly url: string;
      readonly paymentUrl: string;
      readonly wallet?: SdkWallet;
      readonly method: string;
      readonly args: readonly unknown[];
    };
    result: unknown;
  };
  /** Aborts the uploads of signed items that are under way. */
  abort: { params: Record<string, never>; result: void };
}
export type SdkTask = keyof SdkTasks;

/** One message to that process, and the one it answers with. */
export type SdkCall<T extends SdkTask = SdkTask> = {
  [K in T]: { readonly call: number; readonly task: K; readonly params: SdkTasks[K]['params'] };
}[T];
export type SdkAnswer = { readonly call: number } & (
  | { readonly result: SdkTasks[SdkTask]['result'] }
  | { readonly error: { readonly name: string; readonly message: string; readonly status: number | undefined } }
);
